package dev.tutti.common.compress;

/** Reads what a {@link CodeWriter} wrote. */
public final class CodeReader {
    private final byte[] bytes;
    private int at;
    private long pending;
    private int pendingBits;

    /** Reads these bytes from the first one on. */
    public CodeReader(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads a number.
     *
     * @param bits 0 to 32
     * @throws IllegalArgumentException if there are fewer
     */
    public int bits(int bits) {
        while (pendingBits < bits) {
            if (at == bytes.length) {
                throw new IllegalArgumentException("a code that ends after %d bytes".formatted(at));
            }
            pending |= Byte.toUnsignedLong(bytes[at++]) << pendingBits;
            pendingBits += Byte.SIZE;
        }
        var value = (int) (pending & ((1L << bits) - 1));
        pending >>>= bits;
        pendingBits -= bits;
        return value;
    }

    /** Reads a float. */
    public float number() {
        return Float.intBitsToFloat(bits(Integer.SIZE));
    }

    /** Passes over the bits that fill the last byte. */
    public void align() {
        pending = 0;
        pendingBits = 0;
    }

    /** Tells whether all bytes have been read. */
    public boolean isAtEnd() {
        return at == bytes.length;
    }
}
