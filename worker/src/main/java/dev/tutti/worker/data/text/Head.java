package dev.tutti.worker.data.text;

import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;

/**
 * The beginning of a text, without a byte-order mark: enough of it to tell how it is written.
 *
 * @param text characters
 * @param whole whether there are no others
 */
record Head(String text, boolean whole) {
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final int CHARACTERS = 1 << 16;

    /** Lines of 100,000 columns have a million characters. */
    private static final int CHARACTERS_MAX = 1 << 24;

    private static final int LINES_MIN = 3;

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
                return new Head(new String(characters, first, length - first), whole);
            }
            count = length;
            characters = Arrays.copyOf(characters, 2 * length);
        }
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
