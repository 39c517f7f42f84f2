package dev.tutti.worker.data.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.random.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tables drawn from a seed and written by this test are read back cell by cell. */
class DrawnTablesTest {
    private static final int SEEDS = 500;
    private static final List<String> LINE_ENDS = List.of("\n", "\r\n", "\r");
    private static final List<String> LATIN =
            List.of("a", "Z", "0", "7", ".", "-", "é", "ß", "\"", "\n", "\t", " ", ",", ";", "|");
    private static final List<String> OTHERS = List.of("€", "日", "𝄞", "\u00A0", "\uFFFD");

    /**
     * How a table is written.
     *
     * @param marked whether its bytes begin with a byte-order mark
     */
    private record Form(Delimiter delimiter, Charset encoding, boolean marked, String lineEnd) {
        static Form drawn(Seeds random) {
            var encoding =
                    List.of(
                                    StandardCharsets.UTF_8,
                                    StandardCharsets.UTF_16LE,
                                    StandardCharsets.UTF_16BE,
                                    StandardCharsets.ISO_8859_1)
                            .get(random.nextInt(4));
            var unicode = !encoding.equals(StandardCharsets.ISO_8859_1);
            return new Form(
                    Delimiter.FOUND_OUT.get(random.nextInt(Delimiter.FOUND_OUT.size())),
                    encoding,
                    unicode && random.nextInt(2) == 0,
                    LINE_ENDS.get(random.nextInt(LINE_ENDS.size())));
        }

        List<String> alphabet() {
            var all = new ArrayList<>(LATIN);
            if (!encoding.equals(StandardCharsets.ISO_8859_1)) {
                all.addAll(OTHERS);
            }
            return all;
        }

        byte[] write(List<List<String>> rows, Seeds random) {
            var last = random.nextInt(2) == 0 ? lineEnd : "";
            var text =
                    rows.stream()
                            .map(row -> line(row, random))
                            .collect(Collectors.joining(lineEnd, marked ? "\uFEFF" : "", last));
            return text.getBytes(encoding);
        }

        private String line(List<String> row, Seeds random) {
            var line = new StringBuilder(blanks(random, 0));
            for (var i = 0; i < row.size(); i++) {
                line.append(i == 0 ? "" : between(random)).append(written(row.get(i), random));
            }
            return line.append(blanks(random, 0)).toString();
        }

        private String between(Seeds random) {
            return isBlanks() ? blanks(random, 1) : Character.toString(delimiter.character());
        }

        private String blanks(Seeds random, int min) {
            return isBlanks()
                    ? IntStream.range(0, min + random.nextInt(3))
                            .mapToObj(_ -> random.nextInt(2) == 0 ? " " : "\t")
                            .collect(Collectors.joining())
                    : "";
        }

        private String written(String cell, Seeds random) {
            var needsQuotes =
                    cell.matches("(?s).*[\"\n\r].*")
                            || cell.indexOf(delimiter.character()) >= 0
                            || (isBlanks() && (cell.isEmpty() || cell.indexOf('\t') >= 0));
            return needsQuotes || random.nextInt(4) == 0
                    ? '"' + cell.replace("\"", "\"\"") + '"'
                    : cell;
        }

        private boolean isBlanks() {
            return delimiter.equals(Delimiter.BLANKS);
        }
    }

    @Test
    void everyCellIsReadBack() throws IOException {
        for (var seed = 0; seed < SEEDS; seed++) {
            var random = Seeds.of(seed, "table");
            var form = Form.drawn(random);
            var alphabet = form.alphabet();
            var rows = rows(random, () -> cell(random, alphabet));
            var bytes = form.write(rows, random);
            assertThat(read(bytes, form, Optional.of(form.delimiter())))
                    .as("seed %d, %s", seed, form)
                    .isEqualTo(rows);
        }
    }

    @Test
    void theDelimiterOfNumbersIsFoundOut() throws IOException {
        for (var seed = 0; seed < SEEDS; seed++) {
            var random = Seeds.of(seed, "numbers");
            var form = Form.drawn(random);
            // A comma is no decimal mark where it stands between cells.
            var mark = form.delimiter().equals(Delimiter.COMMA) ? '.' : ".,".charAt(seed % 2);
            var rows = rows(random, () -> number(random, mark));
            var bytes = form.write(rows, random);
            assertThat(read(bytes, form, Optional.empty()))
                    .as("seed %d, %s, decimal %s", seed, form, mark)
                    .isEqualTo(rows);
        }
    }

    private static List<List<String>> rows(Seeds random, Supplier<String> cell) {
        var width = 2 + random.nextInt(5);
        return IntStream.range(0, 1 + random.nextInt(200))
                .mapToObj(_ -> IntStream.range(0, width).mapToObj(_ -> cell.get()).toList())
                .toList();
    }

    /** A third of the cells are empty; white space around a cell is no part of it. */
    private static String cell(Seeds random, List<String> alphabet) {
        var length = Math.max(0, random.nextInt(12) - 4);
        return IntStream.range(0, length)
                .mapToObj(_ -> alphabet.get(random.nextInt(alphabet.size())))
                .collect(Collectors.joining())
                .strip();
    }

    private static String number(Seeds random, char mark) {
        return "%d%s%02d".formatted(random.nextInt(2000) - 1000, mark, random.nextInt(100));
    }

    private static List<List<String>> read(byte[] bytes, Form form, Optional<Delimiter> delimiter)
            throws IOException {
        var text = DecodedText.of(new ByteArrayInputStream(bytes), Optional.of(form.encoding()));
        var read = new ArrayList<List<String>>();
        try (var rows = Rows.of(text, delimiter, Optional.empty(), true)) {
            while (rows.next()) {
                read.add(rows.cells());
            }
        }
        return read;
    }
}
