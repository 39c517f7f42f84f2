package dev.tutti.common.compress;

/** The signs of numbers, a bit for each. A zero has no sign and counts as positive. */
final class SignBits {
    private SignBits() {}

    /** Returns the bytes of so many signs. */
    static long bytes(int count) {
        return (count + Byte.SIZE - 1L) / Byte.SIZE;
    }

    /** Returns 1 for a negative number, and else 0. */
    static int of(float value) {
        // With 0 added, a negative zero loses its sign. A comparison would become a branch, which
        // takes ten times as long.
        return Float.floatToRawIntBits(value + 0f) >>> (Integer.SIZE - 1);
    }

    /**
     * Writes the signs of the first {@code count} numbers.
     *
     * @param values each is replaced by the number of its sign
     */
    static void write(int count, float positive, float negative, float[] values, CodeWriter out) {
        for (var at = 0; at < count; ) {
            var end = at + Math.min(Integer.SIZE, count - at);
            var word = 0;
            for (var i = at; i < end; i++) {
                word |= of(values[i]) << i;
            }
            place(word, positive, negative, at, end, values);
            out.bits(word, end - at);
            at = end;
        }
        out.align();
    }

    /** Reads the signs of {@code count} numbers, and writes for each the number of its sign. */
    static void read(int count, float positive, float negative, CodeReader in, float[] out) {
        for (var at = 0; at < count; ) {
            var end = at + Math.min(Integer.SIZE, count - at);
            place(in.bits(end - at), positive, negative, at, end, out);
            at = end;
        }
        in.align();
    }

    private static void place(
            int word, float positive, float negative, int from, int to, float[] out) {
        var zero = Float.floatToRawIntBits(positive);
        var difference = zero ^ Float.floatToRawIntBits(negative);
        for (var i = from; i < to; i++) {
            var mask = -((word >>> i) & 1);
            out[i] = Float.intBitsToFloat(zero ^ (difference & mask));
        }
    }
}
