package dev.tutti.common.step.message;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Some of the bytes of a whole that is too long for one message.
 *
 * @param offset first byte
 * @param length bytes of the whole
 * @param content the bytes
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record Stretch(int offset, int length, byte[] content) {
    /** Bytes of a stretch that is not the last one. */
    public static final int BYTES = 1 << 18;

    /** Returns the stretches of a whole, in their order: at least one. */
    public static List<Stretch> of(byte[] whole) {
        var stretches = new ArrayList<Stretch>();
        var at = 0;
        do {
            var end = Math.min(whole.length, at + BYTES);
            stretches.add(new Stretch(at, whole.length, Arrays.copyOfRange(whole, at, end)));
            at = end;
        } while (at < whole.length);
        return stretches;
    }

    /** Tells whether the whole ends with it. */
    public boolean isLast() {
        return offset + content.length == length;
    }
}
