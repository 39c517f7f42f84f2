package dev.tutti.worker.data.text;

import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The beginning of a text, without a byte-order mark: enough of it to tell how it is written.
 *
 * @param text characters, without a first line such as {@code sep=;}, which Excel understands
 * @param whole whether there are no others
 * @param said the delimiter that such a line says
 */
record Head(String text, boolean whole, Optional<Delimiter> said) {
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final int CHARACTERS = 1 << 16;

    /** Lines of 100,000 columns have a million characters. */
    private static final int CHARACTERS_MAX = 1 << 24;

    private static final int LINES_MIN = 3;

    private static final Pattern SAYING =
            Pattern.compile("\"?sep=([^\\r\\n])\"?(\\r\\n|\\r|\\n|$)", Pattern.CASE_INSENSITIVE);

    /** Takes the head off a text. */
    static Head of(Reader text) throws IOException {
        var characters = new char[CHARACTERS];
        var count = 0;
        while (true) {
            var length = fill(text, characters, count);
            var whole = length < characters.length;
            if (whole
                    || characters.length == CHARACTERS_MAX
                    || lines(characters, length) >= LINES_MIN) {
                var first = length > 0 && characters[0] == BYTE_ORDER_MARK ? 1 : 0;
                return of(new String(characters, first, length - first), whole);
            }
            count = length;
            characters = Arrays.copyOf(characters, 2 * length);
        }
    }

    private static Head of(String text, boolean whole) {
        var line = SAYING.matcher(text);
        if (line.lookingAt()) {
            try {
                var said = Delimiter.parse(line.group(1));
                return new Head(text.substring(line.end()), whole, Optional.of(said));
            } catch (IllegalArgumentException _) {
                // Cells are made of it: so the line is one of the table.
            }
        }
        return new Head(text, whole, Optional.empty());
    }

    /** Returns how many lines stand before {@link #text}. */
    int linesBefore() {
        return said.isPresent() ? 1 : 0;
    }

    /** Returns how many characters there are now: fewer than there is room for at the end only. */
    private static int fill(Reader text, char[] characters, int from) throws IOException {
        var count = from;
        while (count < characters.length) {
            var read = text.read(characters, count, characters.length - count);
            if (read < 0) {
                break;
            }
            count += read;
        }
        return count;
    }

    private static int lines(char[] characters, int length) {
        var lines = 0;
        for (var i = 0; i < length && lines < LINES_MIN; i++) {
            if (characters[i] == '\n' || characters[i] == '\r') {
                lines++;
            }
        }
        return lines;
    }
}
