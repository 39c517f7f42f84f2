package dev.tutti.worker.data.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.random.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A thread that reads ahead changes nothing that is read. */
class RowsAheadTest {
    private static final long SEED = 1;
    private static final int ROWS = 20_000;

    @Test
    void rowsAndTheirLinesAreTheSame() throws IOException {
        assertThat(read(drawn(), true)).isEqualTo(read(drawn(), false)).hasSize(ROWS + 1);
    }

    @Test
    void aFailureComesInItsPlace() throws IOException {
        var whole = drawn();
        var unclosed = whole + "5,\"6\n7,8\n";
        assertThat(read(unclosed, true))
                .isEqualTo(read(unclosed, false))
                .last()
                .asString()
                .startsWith("CsvParseException ");
        var undecodable = whole + "5,6\n" + "\u00ff";
        assertThat(read(undecodable, true))
                .isEqualTo(read(undecodable, false))
                .last()
                .asString()
                .startsWith("UncheckedIOException ");
    }

    @Test
    void rowsMayBeLeftBeforeTheirEnd() throws IOException {
        for (var count : List.of(0, 1, 2, 5000)) {
            try (var rows = rows(drawn(), true)) {
                for (var i = 0; i < count; i++) {
                    assertThat(rows.next()).isTrue();
                }
            }
        }
    }

    /** Rows of some lengths, some of them over several lines. */
    private static String drawn() {
        var random = Seeds.of(SEED, "rows");
        var text = new StringBuilder("a,b\n");
        for (var i = 0; i < ROWS; i++) {
            text.append(i).append(',').append("x".repeat(random.nextInt(20)));
            text.append(random.nextInt(10) == 0 ? ",\"two\nlines\"\n" : "\n");
        }
        return text.toString();
    }

    /** Returns each row with its line, and what reading failed with. */
    private static List<String> read(String text, boolean ahead) throws IOException {
        var read = new ArrayList<String>();
        try (var rows = rows(text, ahead)) {
            try {
                while (rows.next()) {
                    read.add(rows.line() + " " + rows.cells());
                }
                assertThat(rows.next()).isFalse();
            } catch (RuntimeException e) {
                read.add(
                        "%s %s, line %d"
                                .formatted(
                                        e.getClass().getSimpleName(), e.getMessage(), rows.line()));
            }
        }
        return read;
    }

    /** Takes characters for bytes, so that a text may hold bytes that are none. */
    private static Rows rows(String text, boolean ahead) throws IOException {
        var bytes = new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
        return Rows.of(
                DecodedText.of(bytes, Optional.empty()),
                Optional.of(Delimiter.COMMA),
                Optional.empty(),
                ahead);
    }
}
