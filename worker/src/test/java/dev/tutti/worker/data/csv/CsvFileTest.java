package dev.tutti.worker.data.csv;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.idx.IdxFiles;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.Reading;
import dev.tutti.worker.data.table.CsvHeader;
import dev.tutti.worker.data.text.Delimiter;
import java.lang.foreign.Arena;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvFileTest {
    private static final Targets.Kind LABELS = Targets.Kind.LABELS;
    private static final Targets.Kind VALUES = Targets.Kind.VALUES;

    private final Arena arena = Arena.ofConfined();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void theLastColumnIsTheTargetIfNoneIsNamed() {
        var dataset = open("a,b,y\n1,2.5,3\n-4e1,.5,6.5\n", VALUES);
        assertThat(dataset.name()).isEqualTo("data");
        assertThat(dataset.sample()).isEqualTo(Shape.of(2));
        assertThat(dataset.featureNames()).containsExactly("a", "b");
        assertThat(floats(dataset)).containsExactly(1, 2.5f, -40, .5f);
        assertThat(dataset.targets().names()).containsExactly("y");
        assertThat(Floats.toArray(dataset.targets().bytes())).containsExactly(3, 6.5f);
    }

    @Test
    void targetsAreFoundByNameAndInTheOrderAsked() {
        var text = "y0,a,y1\n1,2,3\n4,5,6\n";
        var dataset = open(text, options(VALUES).withTargets(List.of("y1", "y0")));
        assertThat(floats(dataset)).containsExactly(2, 5);
        assertThat(Floats.toArray(dataset.targets().bytes())).containsExactly(3, 1, 6, 4);
        assertThat(dataset.targets()).isInstanceOf(Targets.Values.class);
    }

    @Test
    void featuresMayBeChosenAndOrdered() {
        var text = "id,a,b,y\nx,1,2,0\ny,3,4,1\n";
        var dataset = open(text, options(LABELS).withFeatures(List.of("b", "a")));
        assertThat(dataset.featureNames()).containsExactly("b", "a");
        assertThat(floats(dataset)).containsExactly(2, 1, 4, 3);
    }

    @Test
    void wholeNumbersFrom0AreTheirOwnIndex() {
        var dataset =
                open("a,y\n1,2\n1,0\n1,10\n1,1.0\n1,3\n1,4\n1,5\n1,6\n1,7\n1,8\n1,9\n", LABELS);
        assertThat(labels(dataset)).containsExactly(2, 0, 10, 1, 3, 4, 5, 6, 7, 8, 9);
        assertThat(dataset.targets().names())
                .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
    }

    @Test
    void otherWholeNumbersAreClassesInTheirOrder() {
        var dataset = open("a,y\n1,100\n1,20\n1,100\n", LABELS);
        assertThat(labels(dataset)).containsExactly(1, 0, 1);
        assertThat(dataset.targets().names()).containsExactly("20", "100");
    }

    @Test
    void negativeNumbersAreClassesToo() {
        var dataset = open("a,y\n1,1\n1,-1\n1,-1.0\n", LABELS);
        assertThat(labels(dataset)).containsExactly(1, 0, 0);
        assertThat(dataset.targets().names()).containsExactly("-1", "1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0,1,2,y", "1,2,3,4", "country,2019,2020,y", "label,0,1,2", "a,y"})
    void numbersThatCountUpAreNames(String header) {
        var width = header.split(",", -1).length;
        var text = header + "\n" + "7,".repeat(width - 1) + "8\n";
        var dataset = open(text, VALUES);
        assertThat(dataset.count()).isEqualTo(1);
        assertThat(dataset.targets().names()).containsExactly(header.split(",", -1)[width - 1]);
    }

    @Test
    void aFirstLineIsNamesOrDataAsTheUserSays() {
        var text = "\uFEFF1,2,3\n4,5,6\n";
        var names = open(text, options(VALUES).withHeader(CsvHeader.NAMES));
        assertThat(floats(names)).containsExactly(4, 5);
        assertThat(names.featureNames()).containsExactly("1", "2");
        var data = open(text, options(VALUES).withHeader(CsvHeader.NONE).withTargets(List.of("2")));
        assertThat(data.featureNames()).containsExactly("1", "3");
        assertThat(floats(data)).containsExactly(1, 3, 4, 6);
        assertThat(Floats.toArray(data.targets().bytes())).containsExactly(2, 5);
    }

    @Test
    void theLineOfASampleIsFound() {
        IdxFiles.write(folder, "data.csv", "a,y\n1,2\n\n\"1\n\",2\n3,4\n".getBytes(UTF_8));
        try (var rows = new CsvFile().read(options(VALUES), arena)) {
            assertThat(rows.line(1)).isEqualTo(4);
            assertThat(rows.line(2)).isEqualTo(6);
        }
    }

    @Test
    void wordsAreClassesInTheirOrderForEveryLoss() {
        for (var wanted : Targets.Kind.values()) {
            var dataset = open("a,y\n1,iris\n1,\"Rose, red\"\n1, iris \n1,aster\n", wanted);
            assertThat(labels(dataset)).containsExactly(2, 0, 2, 1);
            assertThat(dataset.targets().names()).containsExactly("Rose, red", "aster", "iris");
        }
    }

    @Test
    void theClassesOfAModelKeepTheirOrder() {
        var options = options(LABELS).withClasses(List.of("b", "a", "c"));
        var dataset = open("x,y\n1,a\n1,b\n", options);
        assertThat(labels(dataset)).containsExactly(1, 0);
        assertThat(dataset.targets().names()).containsExactly("b", "a", "c");
        assertThatThrownBy(() -> open("x,y\n1,a\n1,d\n", options))
                .hasMessageEndingWith("line 3, column \"y\": \"d\" is none of the classes b, a, c");
    }

    @Test
    void gzippedTextWithAByteOrderMarkAndWindowsLineEndsIsRead() {
        var text = IdxFiles.gzip("\uFEFFhöhe,y\r\n1,2\r\n\r\n3,4".getBytes(UTF_8));
        var path = IdxFiles.write(folder, "data.csv.gz", text);
        assertThat(new CsvFile().accepts(path.toString())).isTrue();
        var dataset = new CsvFile().open(DataOptions.of(path.toString(), VALUES), arena);
        assertThat(dataset.featureNames()).containsExactly("höhe");
        assertThat(floats(dataset)).containsExactly(1, 3);
        assertThat(dataset.name()).isEqualTo("data");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    ``                     | it is empty; expected a line of column names
                    a,y                    | it has no samples, only column names
                    a,y;;                  | it has no samples, only column names
                    1,2;3,4                | the first line looks like data, not names: it holds "1"; --no-header takes it as data, with columns named 1 to 2; --header takes it as names
                    6.0,3,Iris;1,2,x       | the first line looks like data, not names: it holds "6.0"
                    5,setosa;6,iris        | the first line looks like data, not names: it holds "5"
                    ?,a;1,b                | the first line looks like data, not names: it holds "?"
                    a,NaN;1,2              | the first line looks like data, not names: it holds "NaN"
                    a,2020,y;1,2,3         | the first line looks like data, not names: it holds "2020"
                    2020,2019,y;1,2,3      | the first line looks like data, not names: it holds "2020"
                    3,4,5,a;1,2,3,x        | the first line looks like data, not names: it holds "3"
                    0,1,3,a;1,2,3,x        | the first line looks like data, not names: it holds "0"
                    0,1,a,y;1,2,3,x        | the first line looks like data, not names: it holds "0"
                    a,a,y;1,2,3            | two columns are named "a"
                    y;1                    | no column is left for a feature besides the targets y
                    a,y;1,2;3              | line 3: found 1 cells, expected 2 as there are columns
                    a,y;1,2,3              | line 2: found 3 cells, expected 2 as there are columns
                    a,y;1,2;;2,2;x,3       | line 5, column "a": "x" is not a finite number, but most cells of the column are numbers: correct it, or, if it stands for a missing value, give --missing-tokens x and --missing
                    a,y;1,2;NaN,3          | line 3, column "a": "NaN" stands for a missing value; --missing drop leaves such rows out, --missing mean, median or class fills such cells
                    a,y;1,2;,3             | line 3, column "a": the cell is empty; --missing drop leaves such rows out
                    a,y;1,2;2,2;-Infinity,3| line 4, column "a": "-Infinity" is not a finite number
                    a,y;1,2;2,2;0x1p3,3    | line 4, column "a": "0x1p3" is not a finite number
                    a,y;1,2;2,2;1d,3       | line 4, column "a": "1d" is not a finite number
                    a,y;1,2;2,2;--1,3      | line 4, column "a": "--1" is not a finite number
                    a,b,y;1,1,2;2,2,2;3,x,3;x,3,4 | line 4, column "b": "x" is not a finite number
                    a,y;1,2;1e39,3         | line 3, column "a": "1e39" is too large for a 32-bit float
                    a,y;NA,1;?,2           | line 2, column "a": "NA" stands for a missing value
                    a,y;1,2;1,x            | line 3, column "y": "x" is not a finite number
                    a,y;1,2;1,             | line 3, column "y": the cell is empty; a target cannot be filled: --missing drop leaves such rows out
                    a,y;1,2;1,null         | line 3, column "y": "null" stands for a missing value; a target cannot be filled
                    a,y;1,"2;3,4           | line 2: it is no table with commas between cells
                    """)
    void aMalformedTextIsRefusedForALossOverValues(String lines, String message) {
        assertRefused(lines, VALUES, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    a,y;1,0;1,1.5;1,2.5    | line 3, column "y": "1.5" is no class: a number must be whole; for real values give --task regression
                    a,y;1,0;1,1e300        | line 3, column "y": "1e300" is no class
                    a,y;1,0;1,NaN          | line 3, column "y": "NaN" stands for a missing value
                    a,y;1,cat;1,n/a        | line 3, column "y": "n/a" stands for a missing value
                    a,y;1,cat;1,           | line 3, column "y": the cell is empty
                    """)
    void aMalformedClassIsRefused(String lines, String message) {
        assertRefused(lines, LABELS, message);
    }

    @Test
    void aWrongChoiceOfColumnsIsRefused() {
        var text = "a,b,y\n1,2,3\n";
        assertThatThrownBy(() -> open(text, options(VALUES).withTargets(List.of("z"))))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith("data.csv: there is no column \"z\"; there are: a, b, y");
        assertThatThrownBy(() -> open(text, options(VALUES).withFeatures(List.of("c"))))
                .hasMessageEndingWith("there is no column \"c\"; there are: a, b, y");
        assertThatThrownBy(() -> open(text, options(VALUES).withTargets(List.of("y", "y"))))
                .hasMessageEndingWith("a target column is named twice: y,y");
        assertThatThrownBy(() -> open(text, options(VALUES).withFeatures(List.of("a", "y"))))
                .hasMessageEndingWith(
                        "column \"y\" is both a feature and a target; the targets are y");
        assertThatThrownBy(() -> open(text, options(LABELS).withTargets(List.of("a", "y"))))
                .hasMessageEndingWith(
                        "classes are one target column, but there are a,y: name one, or use a loss"
                                + " such as mse or quadratic");
    }

    @Test
    void bytesThatAreNotUtf8AreRefusedWithTheirLineAndReadInTheEncodingGiven() {
        var text = "a,y\n1,x\n2,höhe\n".getBytes(ISO_8859_1);
        var path = IdxFiles.write(folder, "data.csv", text);
        var options = DataOptions.of(path.toString(), LABELS);
        assertThatThrownBy(() -> new CsvFile().open(options, arena))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        path
                                + ": line 3: found 0xF6, which is no text in UTF-8; give its encoding, such as --encoding latin1 or --encoding windows-1252");
        var latin = options.withReading(Reading.FOUND_OUT.withEncoding(ISO_8859_1));
        assertThat(new CsvFile().open(latin, arena).targets().names()).containsExactly("höhe", "x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-8"})
    void aByteOrderMarkGoesBeforeTheEncodingGiven(String name) {
        var encoding = Charset.forName(name);
        IdxFiles.write(folder, "data.csv", "\uFEFFhöhe,y\n1,2\n".getBytes(encoding));
        var options = options(VALUES).withReading(Reading.FOUND_OUT.withEncoding(ISO_8859_1));
        assertThat(new CsvFile().open(options, arena).featureNames()).containsExactly("höhe");
        assertThat(CsvFile.understood(options).notes())
                .isEqualTo(
                        name.equals("UTF-8")
                                ? List.of()
                                : List.of(options.source() + ": text in " + name));
    }

    @Test
    void aColumnWithoutANameIsCalledByItsPlace() {
        var index = open(",a,y\n7,1,2\n8,3,4\n", VALUES);
        assertThat(index.featureNames()).containsExactly("column 1", "a");
        assertThat(floats(index)).containsExactly(7, 1, 8, 3);
        assertThat(notes())
                .containsExactly(
                        "column 1 has no name and is called \"column 1\"; --ignore \"column 1\" leaves it out");
        var ignoring =
                options(VALUES).withReading(Reading.FOUND_OUT.withIgnored(List.of("column 1")));
        assertThat(floats(open(",a,y\n7,1,2\n8,3,4\n", ignoring))).containsExactly(1, 3);
        assertThat(CsvFile.understood(ignoring).notes()).isEmpty();
        var ofR = open("a y\n\"1\" 1 2\n\"2\" 3 4\n", VALUES);
        assertThat(ofR.featureNames()).containsExactly("column 1", "a");
        assertThat(floats(ofR)).containsExactly(1, 1, 2, 3);
        assertRefused("a,b,y;1,2,3,4;5,6,7,8,9", VALUES, "line 2: found 4 cells, expected 3");
        assertRefused("column 2,,y;1,2,3", VALUES, "two columns are named \"column 2\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a,y,\n1,2\n3,4\n",
                "a,y,\n1,2,\n3,4,\n",
                "a,y\n1,2,\n3,4,\n",
                "a,,y\n1,,2\n3, ,4\n",
                "a,n,y\n1,,2\n3,,4\n",
                "a,y\n1,2\n  \n3,4\n\n \n"
            })
    void anEmptyColumnIsLeftOutAndABlankLineToo(String text) {
        var dataset = open(text, VALUES);
        assertThat(floats(dataset)).containsExactly(1, 3);
        assertThat(Floats.toArray(dataset.targets().bytes())).containsExactly(2, 4);
        assertThat(notes()).hasSize(text.startsWith("a,y\n1,2\n") ? 0 : 1);
        assertThat(String.join("", notes())).matches("|.*(is|and) left out.*");
    }

    @Test
    void aColumnIsEmptyOnlyIfAllItsRowsAre() {
        var rows = "1,,2\n".repeat(300);
        assertThat(open("a,n,y\n" + rows, VALUES).featureNames()).containsExactly("a");
        assertThatThrownBy(() -> open("a,n,y\n" + rows + "1,5,2\n", VALUES))
                .hasMessageContaining("line 2, column \"n\": the cell is empty");
        assertThatThrownBy(() -> open("a,,y\n" + rows + "1,5,2\n", VALUES))
                .hasMessageContaining(
                        "line 302, column 2: found \"5\" in a column that has no name");
        assertThatThrownBy(() -> open("a,n,y\n" + rows, options(VALUES).withTargets(List.of("n"))))
                .hasMessageContaining("line 2, column \"n\": the cell is empty");
    }

    @Test
    void columnsThatAreLeftOutAreNotRead() {
        var text = "id,a,y,z\nx,1,2,q\nw,3,4,q\n";
        var ignoring =
                options(VALUES).withReading(Reading.FOUND_OUT.withIgnored(List.of("z", "id")));
        var dataset = open(text, ignoring);
        assertThat(dataset.featureNames()).containsExactly("a");
        assertThat(dataset.targets().names()).containsExactly("y");
        assertThatThrownBy(() -> open(text, ignoring.withTargets(List.of("z"))))
                .hasMessageEndingWith(
                        "column \"z\" is named, but --ignore leaves it out: name it in one place only");
        assertThatThrownBy(() -> open(text, ignoring.withFeatures(List.of("id"))))
                .hasMessageContaining("--ignore leaves it out");
        var none = options(VALUES).withReading(Reading.FOUND_OUT.withIgnored(List.of("q")));
        assertThatThrownBy(() -> open(text, none))
                .hasMessageEndingWith(
                        "there is no column \"q\" to leave out; there are: id, a, y, z");
        var all =
                options(VALUES)
                        .withReading(Reading.FOUND_OUT.withIgnored(List.of("id", "a", "y", "z")));
        assertThatThrownBy(() -> open(text, all)).hasMessageEndingWith("all are left out");
    }

    private List<String> notes() {
        var options = options(VALUES);
        return CsvFile.understood(options).notes().stream()
                .map(note -> note.substring((options.source() + ": ").length()))
                .filter(note -> !note.contains("between cells"))
                .toList();
    }

    @Test
    void bytesThatNoTextHasAreRefused() {
        var path = IdxFiles.write(folder, "data.csv", "a,y\n1,2\n".getBytes(UTF_16LE));
        assertRefused(path, "it holds bytes of 0, which no text in UTF-8 has");
        var odd = "\uFEFFa,y\n1,2\n".getBytes(UTF_16LE);
        IdxFiles.write(folder, "data.csv", Arrays.copyOf(odd, odd.length - 1));
        assertRefused(path, "line 2: found 0x0A, which is no text in UTF-16LE");
    }

    @ParameterizedTest
    @CsvSource({
        "28b52ffd00,zstd -d",
        "fd377a585a0000,xz -d",
        "425a6839,bzip2 -d",
        "504b03040a,spreadsheet"
    })
    void aPackedFileIsRefusedWithWhatToDo(String bytes, String advice) {
        var path = IdxFiles.write(folder, "data.csv", HexFormat.of().parseHex(bytes));
        assertThatThrownBy(() -> new CsvFile().open(options(VALUES), arena))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(path + ": it is ")
                .hasMessageContaining(advice);
        for (var name : List.of("a.csv.zst", "a.tsv.xz", "a.data.bz2", "a.csv.zip")) {
            assertThat(new CsvFile().accepts(name)).as(name).isTrue();
        }
    }

    private void assertRefused(Path path, String message) {
        assertThatThrownBy(() -> new CsvFile().open(options(VALUES), arena))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(path + ": " + message);
    }

    @Test
    void aTruncatedGzippedFileIsRefused() {
        var packed = IdxFiles.gzip("a,y\n1,2\n".repeat(50).getBytes(UTF_8));
        for (var length = 2; length < packed.length; length++) {
            var path = IdxFiles.write(folder, "data.csv.gz", Arrays.copyOf(packed, length));
            assertThatThrownBy(() ->
                            new CsvFile().open(DataOptions.of(path.toString(), VALUES), arena))
                    .as("%d of %d bytes", length, packed.length)
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith(path + ": ");
        }
    }

    @Test
    void aTableIsReadWhateverItIsCalledAndItsDelimiterIsSaid() {
        for (var name : List.of("t.tsv", "t.TAB", "t.txt", "t.data", "t.dat.gz", "t", "t.x")) {
            var text = "a\tb\ty\n1\t2\t3\n4\t5\t6\n".getBytes(UTF_8);
            var path =
                    IdxFiles.write(folder, name, name.endsWith(".gz") ? IdxFiles.gzip(text) : text);
            assertThat(new CsvFile().accepts(path.toString())).as(name).isTrue();
            var options = DataOptions.of(path.toString(), VALUES);
            var dataset = new CsvFile().open(options, arena);
            assertThat(floats(dataset)).containsExactly(1, 2, 4, 5);
            assertThat(dataset.name()).isEqualTo(name.equals("t.x") ? name : "t");
            assertThat(CsvFile.understood(options).notes())
                    .containsExactly(path + ": tabs between cells; --delimiter says otherwise");
        }
    }

    @Test
    void nothingIsSaidOfCommasOrOfADelimiterThatIsGiven() {
        open("a,y\n1,2\n", VALUES);
        assertThat(CsvFile.understood(options(VALUES)).notes()).isEmpty();
        var given = options(VALUES).withReading(Reading.FOUND_OUT.withDelimiter(Delimiter.BAR));
        assertThat(floats(open("a|y\n1|2\n", given))).containsExactly(1);
        assertThat(CsvFile.understood(given).notes()).isEmpty();
    }

    @Test
    void filesThatAreNoTextOrNotThereAreNoTables() {
        var binary = IdxFiles.write(folder, "t.bin", new byte[] {'a', 0, 'b'});
        assertThat(new CsvFile().accepts(binary.toString())).isFalse();
        assertThat(new CsvFile().accepts(folder.resolve("none").toString())).isFalse();
        assertThat(new CsvFile().accepts(folder.toString())).isFalse();
    }

    @Test
    void moreColumnsThanMostReadersTakeAreRead() {
        var width = 20_000;
        var header = new StringBuilder("y");
        var row = new StringBuilder("1");
        for (var i = 0; i < width; i++) {
            header.append(",x").append(i);
            row.append(',').append(i);
        }
        var dataset = open(header + "\n" + row + "\n", options(VALUES).withTargets(List.of("y")));
        assertThat(dataset.sample()).isEqualTo(Shape.of(width));
        assertThat(Floats.get(dataset.features().bytes(), width - 1)).isEqualTo(width - 1);
    }

    private void assertRefused(String lines, Targets.Kind wanted, String message) {
        assertThatThrownBy(() -> open(lines.replace(';', '\n'), wanted))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(folder.resolve("data.csv") + ": " + message)
                .hasMessageMatching("[^\\n]+");
    }

    private Dataset open(String text, Targets.Kind wanted) {
        return open(text, options(wanted));
    }

    private Dataset open(String text, DataOptions options) {
        IdxFiles.write(folder, "data.csv", text.getBytes(UTF_8));
        return new CsvFile().open(options, arena);
    }

    private DataOptions options(Targets.Kind wanted) {
        return DataOptions.of(folder.resolve("data.csv").toString(), wanted);
    }

    private static float[] floats(Dataset dataset) {
        return Floats.toArray(dataset.features().bytes());
    }

    private static int[] labels(Dataset dataset) {
        assertThat(dataset.labelled()).isTrue();
        return dataset.targets().bytes().toArray(JAVA_INT);
    }
}
