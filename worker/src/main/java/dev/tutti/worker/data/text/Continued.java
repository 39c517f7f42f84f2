package dev.tutti.worker.data.text;

import java.io.IOException;
import java.io.Reader;

/** Characters that were looked at already, and then those behind them. */
final class Continued extends Reader {
    private final Reader rest;
    private String head;
    private int at;

    Continued(String head, Reader rest) {
        this.head = head;
        this.rest = rest;
    }

    @Override
    public int read(char[] out, int offset, int length) throws IOException {
        if (at == head.length()) {
            head = "";
            at = 0;
            return rest.read(out, offset, length);
        }
        var count = Math.min(length, head.length() - at);
        head.getChars(at, at + count, out, offset);
        at += count;
        return count;
    }

    @Override
    public void close() throws IOException {
        rest.close();
    }
}
