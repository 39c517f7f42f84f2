package dev.tutti.common.compress;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Writes numbers of any count of bits behind one another, the lowest bit first. */
public final class CodeWriter {
    /** Four bytes of an array as a number, the lowest byte first. */
    static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** A float of a code, the lowest byte first. */
    static final ValueLayout.OfFloat FLOAT =
            JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int BYTES_AT_FIRST = 1 << 12;

    /** The longest array that every virtual machine has. */
    private static final int BYTES_MAX = Integer.MAX_VALUE - 8;

    private byte[] bytes = new byte[BYTES_AT_FIRST];
    private int length;
    private long pending; // fewer than 32 bits, and zeros above them
    private int pendingBits;

    /**
     * Writes the lowest bits of a number.
     *
     * @param bits 0 to 32
     */
    public void bits(int value, int bits) {
        pending |= (Integer.toUnsignedLong(value) & ((1L << bits) - 1)) << pendingBits;
        pendingBits += bits;
        if (pendingBits >= Integer.SIZE) {
            reserve(Integer.BYTES);
            INT.set(bytes, length, (int) pending);
            length += Integer.BYTES;
            pending >>>= Integer.SIZE;
            pendingBits -= Integer.SIZE;
        }
    }

    /** Writes so many ones and a zero. */
    public void unary(int ones) {
        var left = ones;
        for (; left >= Integer.SIZE; left -= Integer.SIZE) {
            bits(-1, Integer.SIZE);
        }
        bits((1 << left) - 1, left + 1);
    }

    /** Writes all bits of a float. */
    public void number(float value) {
        bits(Float.floatToRawIntBits(value), Integer.SIZE);
    }

    /** Writes all bits of the first {@code count} floats, from a byte of their own on. */
    public void numbers(int count, float[] values) {
        align();
        var size = Math.multiplyExact(count, Float.BYTES);
        reserve(size);
        MemorySegment.copy(values, 0, MemorySegment.ofArray(bytes), FLOAT, length, count);
        length += size;
    }

    /** Writes the first {@code count} bytes, from a byte of their own on. */
    public void bytes(int count, byte[] values) {
        align();
        reserve(count);
        System.arraycopy(values, 0, bytes, length, count);
        length += count;
    }

    /** Fills the last byte with zeros: what follows begins with a byte of its own. */
    public void align() {
        for (; pendingBits > 0; pendingBits -= Byte.SIZE) {
            reserve(1);
            bytes[length++] = (byte) pending;
            pending >>>= Byte.SIZE;
        }
        pendingBits = 0;
    }

    /** Returns how many bytes have been written, the one at hand included. */
    int length() {
        return length + (pendingBits + Byte.SIZE - 1) / Byte.SIZE;
    }

    /** Returns what has been written, and begins anew. */
    public byte[] take() {
        align();
        var taken = Arrays.copyOf(bytes, length);
        length = 0;
        return taken;
    }

    private void reserve(int more) {
        var needed = (long) length + more;
        if (needed > bytes.length) {
            var doubled = Math.min(BYTES_MAX, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.max(needed, doubled)));
        }
    }
}
