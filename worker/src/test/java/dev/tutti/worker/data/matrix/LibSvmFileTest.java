package dev.tutti.worker.data.matrix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.idx.IdxFiles;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.TargetKind;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibSvmFileTest {
    private final Arena arena = Arena.ofAuto();
    private final List<String> remarks = new ArrayList<>();

    @TempDir private Path folder;

    @Test
    void rowsBecomeDenseAndIndicesCountFromOne() {
        var path = write("t.svm", "# a comment\n-1 1:0.5 3:2\n\n+1 2:-1e1 # another\n+1\n");
        var dataset = open(path, List.of());
        assertThat(values(dataset)).containsExactly(0.5f, 0, 2, 0, -10, 0, 0, 0, 0);
        assertThat(dataset.featureNames()).containsExactly("1", "2", "3");
        assertThat(dataset.targets().names()).containsExactly("-1", "1");
        assertThat(dataset.targets().bytes().toArray(JAVA_INT)).containsExactly(0, 1, 1);
        assertThat(remarks)
                .containsExactly(
                        "t.svm: sparse rows become 3 dense features, index 1 to 3",
                        "t.svm: target label: 2 classes (-1, 1); --task regression for real values");
    }

    @Test
    void anIndexZeroMakesAllCountFromZero() {
        var dataset = open(write("t.libsvm", "1.5 0:1\n2.5 2:3\n"), List.of());
        assertThat(values(dataset)).containsExactly(1, 0, 0, 0, 0, 3);
        assertThat(Floats.toArray(dataset.targets().bytes())).containsExactly(1.5f, 2.5f);
        assertThat(remarks.getFirst()).endsWith("3 dense features, index 0 to 2");
    }

    @Test
    void theFileForTestingLiesBesideIt() {
        var path = write("a9a", "-1 1:1\n+1 1:2\n");
        write("a9a.t", "-1 2:3\n");
        var dataset = open(path, List.of());
        assertThat(dataset.testCount()).isEqualTo(1);
        assertThat(values(dataset)).containsExactly(1, 0, 2, 0, 0, 3);
    }

    @Test
    void chosenIndicesAreTheFeaturesOfAModelInItsOrder() {
        var path = write("t.svm", "-1 1:1 2:2\n+1 3:3\n");
        var dataset = open(path, List.of("5", "3", "1"));
        assertThat(values(dataset)).containsExactly(0, 0, 1, 0, 3, 0);
        assertThat(remarks.getFirst())
                .endsWith("3 dense features, index 5 to 1; 1 others are left out");
        assertThatThrownBy(() -> open(path, List.of("x")))
                .hasMessageEndingWith("features are named by their index, found \"x\"");
    }

    @Test
    void whatLooksSparseIsTakenWhateverItsName() {
        var kind = new LibSvmFile(remarks::add);
        assertThat(kind.accepts(write("a.txt", "1 3:0.5 4:1\n").toString())).isTrue();
        assertThat(kind.accepts(write("b", "+1 3:0.5\n").toString())).isTrue();
        assertThat(kind.accepts(write("c.txt", "1 2 3\n").toString())).isFalse();
        assertThat(kind.accepts(write("d.txt", "12:30 a\n").toString())).isFalse();
        assertThat(kind.accepts(write("e.csv", "1 3:0.5 4:1\n").toString())).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 x:2 | line 1: found 'x:2', expected index:value such as 3:0.5",
                "1 3 | line 1: found '3', expected index:value such as 3:0.5",
                "1 3:x | line 1: found 'x', expected a value that a 32-bit float can hold",
                "1 3:1e39 | line 1: found '3:1e39', expected a value that a 32-bit float can hold",
                "1 3:1 2:1 | line 1: found '2:1', expected an index above 3: they go up in a row",
                "cat 3:1 | line 1: found 'cat', expected a label that is a number, such as -1, 1 or 0.5",
                "1 70000000:1 | line 1: found '70000000:1', expected an index of at most 67108864",
                "1,2 3:1 | line 1: found '1,2', expected one label: rows of several labels are not read",
                "1 qid:3 1:1 | line 1: found 'qid:3', expected features: rows for ranking are not read",
                "# 1 | it has no rows, expected such as '1 3:0.5 7:2'",
                "1 | it has labels only, expected index:value such as 3:0.5"
            },
            quoteCharacter = '`')
    void whatIsNoSparseRowIsRefusedWithItsLine(String text, String message) {
        var path = write("t.svm", text + "\n");
        assertThatThrownBy(() -> open(path, List.of()))
                .isInstanceOf(DataException.class)
                .hasMessage("%s: %s", path, message.replace('\'', '"'));
    }

    @Test
    void tooManyDenseFeaturesAreRefusedWithFigures() {
        var path = write("t.svm", "-1 1:1\n".repeat(19) + "+1 60000000:1\n");
        assertThatThrownBy(() -> open(path, List.of()))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        path
                                + ": 20 rows of 60000000 features take 4.5 GiB as floats, expected"
                                + " at most 4 GiB: take a part of the rows, or choose indices with"
                                + " --features");
    }

    private Dataset open(Path path, List<String> features) {
        remarks.clear();
        var options = DataOptions.of(path.toString(), TargetKind.BY_VALUES).withFeatures(features);
        return new LibSvmFile(remarks::add).open(options, arena);
    }

    private Path write(String name, String text) {
        return IdxFiles.write(folder, name, text.getBytes(UTF_8));
    }

    private static float[] values(Dataset dataset) {
        return Floats.toArray(dataset.features().bytes());
    }
}
