package dev.tutti.common.compress;

import java.util.Arrays;

/** Writes numbers of any count of bits behind one another, the lowest bit first. */
public final class CodeWriter {
    private static final int BYTES_AT_FIRST = 1 << 12;

    private byte[] bytes = new byte[BYTES_AT_FIRST];
    private int length;
    private long pending;
    private int pendingBits;

    /**
     * Writes the lowest bits of a number.
     *
     * @param bits 0 to 32
     */
    public void bits(int value, int bits) {
        pending |= (Integer.toUnsignedLong(value) & ((1L << bits) - 1)) << pendingBits;
        pendingBits += bits;
        while (pendingBits >= Byte.SIZE) {
            put((byte) pending);
            pending >>>= Byte.SIZE;
            pendingBits -= Byte.SIZE;
        }
    }

    /** Writes all bits of a float. */
    public void number(float value) {
        bits(Float.floatToRawIntBits(value), Integer.SIZE);
    }

    /** Fills the last byte with zeros: what follows begins with a byte of its own. */
    public void align() {
        if (pendingBits > 0) {
            put((byte) pending);
            pending = 0;
            pendingBits = 0;
        }
    }

    /** Returns how many bytes have been written, the one at hand included. */
    public int length() {
        return pendingBits > 0 ? length + 1 : length;
    }

    /** Returns what has been written, and begins anew. */
    public byte[] take() {
        align();
        var taken = Arrays.copyOf(bytes, length);
        length = 0;
        return taken;
    }

    private void put(byte value) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.multiplyExact(2, length));
        }
        bytes[length++] = value;
    }
}
