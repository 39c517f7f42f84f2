package dev.tutti.worker.data.text;

import java.io.IOException;
import java.io.Reader;

/**
 * Text in which each run of blanks and tabs outside quotes is one blank, and there is none at the
 * beginning or the end of a line.
 */
final class CollapsedBlanks extends Reader {
    private static final int CHARACTERS = 1 << 13;
    private static final char QUOTE = '"';

    private final Reader in;
    private final char[] read = new char[CHARACTERS];

    /** At most a blank is added before each character. */
    private final char[] collapsed = new char[2 * CHARACTERS];

    private int at;
    private int end;

    private boolean quoted;
    private boolean cellBegins = true;
    private boolean lineBegins = true;
    private boolean blanks;
    private boolean justClosed;

    CollapsedBlanks(Reader in) {
        this.in = in;
    }

    @Override
    public int read(char[] out, int offset, int length) throws IOException {
        while (at == end) {
            var count = in.read(read, 0, CHARACTERS);
            if (count < 0) {
                return -1;
            }
            at = 0;
            end = 0;
            for (var i = 0; i < count; i++) {
                take(read[i]);
            }
        }
        var count = Math.min(length, end - at);
        System.arraycopy(collapsed, at, out, offset, count);
        at += count;
        return count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void take(char character) {
        if (quoted) {
            quoted = character != QUOTE;
            justClosed = !quoted;
            collapsed[end++] = character;
            return;
        }
        switch (character) {
            case ' ', '\t' -> {
                blanks = !lineBegins;
                cellBegins = true;
            }
            case '\n', '\r' -> {
                blanks = false;
                lineBegins = true;
                cellBegins = true;
                collapsed[end++] = character;
            }
            default -> takeOfCell(character);
        }
        justClosed = false;
    }

    private void takeOfCell(char character) {
        if (blanks) {
            collapsed[end++] = ' ';
        }
        // Two quotes within a quoted cell are one, so the second goes on with it.
        quoted = character == QUOTE && (cellBegins || justClosed);
        blanks = false;
        lineBegins = false;
        cellBegins = false;
        collapsed[end++] = character;
    }
}
