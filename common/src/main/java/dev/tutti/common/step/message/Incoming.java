package dev.tutti.common.step.message;

import java.util.Optional;

/** A whole that is too long for one message, as its stretches come in. */
public final class Incoming {
    private byte[] bytes = new byte[0];
    private int filled;

    /**
     * Takes the next stretch.
     *
     * @param bytesMax of the whole
     * @return why it is refused, in words that follow who sent it; empty if it is in order
     */
    public Optional<String> take(Stretch next, long bytesMax) {
        var length = next.length();
        var count = next.content().length;
        if (length < 0 || length > bytesMax) {
            return Optional.of("sent %d bytes, expected at most %d".formatted(length, bytesMax));
        }
        if (next.offset() != filled
                || (filled > 0 && length != bytes.length)
                || count > length - filled
                || (count == 0 && length > 0)) {
            return Optional.of(
                    "sent %d bytes at %d of %d, of which %d have come"
                            .formatted(count, next.offset(), length, filled));
        }
        if (filled == 0) {
            bytes = new byte[length];
        }
        System.arraycopy(next.content(), 0, bytes, filled, count);
        filled += count;
        return Optional.empty();
    }

    /** Returns the whole, once all of it is there, and forgets it. */
    public Optional<byte[]> whole() {
        if (filled < bytes.length) {
            return Optional.empty();
        }
        var whole = bytes;
        bytes = new byte[0];
        filled = 0;
        return Optional.of(whole);
    }
}
