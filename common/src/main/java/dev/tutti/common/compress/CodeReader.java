package dev.tutti.common.compress;

import java.lang.foreign.MemorySegment;

/** Reads what a {@link CodeWriter} wrote. */
public final class CodeReader {
    private final byte[] bytes;
    private int at;
    private long pending; // read ahead, and zeros above them
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
            readAhead();
        }
        var value = (int) (pending & ((1L << bits) - 1));
        pending >>>= bits;
        pendingBits -= bits;
        return value;
    }

    /**
     * Reads ones up to a zero.
     *
     * @param max the most that can be
     * @return how many ones there were
     * @throws IllegalArgumentException if there are more, or no zero
     */
    public int unary(int max) {
        var ones = 0;
        while (true) {
            if (pendingBits == 0) {
                readAhead();
            }
            // Above the pending bits are zeros, so at most all of them are counted.
            var here = Math.min(Long.numberOfTrailingZeros(~pending), pendingBits);
            ones += here;
            if (ones > max) {
                throw new IllegalArgumentException("a code with a gap that is too long");
            }
            pending >>>= here;
            pendingBits -= here;
            if (pendingBits > 0) {
                pending >>>= 1;
                pendingBits--;
                return ones;
            }
        }
    }

    /** Reads a float. */
    public float number() {
        return Float.intBitsToFloat(bits(Integer.SIZE));
    }

    /**
     * Reads {@code count} floats, which begin with a byte of their own.
     *
     * @throws IllegalArgumentException if there are fewer
     */
    public void numbers(int count, float[] out) {
        var from = pass((long) Float.BYTES * count);
        MemorySegment.copy(MemorySegment.ofArray(bytes), CodeWriter.FLOAT, from, out, 0, count);
    }

    /**
     * Reads {@code count} bytes, which begin with a byte of their own.
     *
     * @throws IllegalArgumentException if there are fewer
     */
    public void bytes(int count, byte[] out) {
        System.arraycopy(bytes, pass(count), out, 0, count);
    }

    /** Passes over the bits that fill the last byte. */
    public void align() {
        at -= pendingBits / Byte.SIZE;
        pending = 0;
        pendingBits = 0;
    }

    /** Tells whether all bytes have been read. */
    public boolean isAtEnd() {
        return at == bytes.length && pendingBits < Byte.SIZE;
    }

    /** Passes over whole bytes, and returns where they begin. */
    private int pass(long count) {
        align();
        if (count > bytes.length - at) {
            throw ended();
        }
        var from = at;
        at += (int) count;
        return from;
    }

    /** Reads four bytes, or one near the end; fewer than 32 bits are pending. */
    private void readAhead() {
        if (at <= bytes.length - Integer.BYTES) {
            pending |= Integer.toUnsignedLong((int) CodeWriter.INT.get(bytes, at)) << pendingBits;
            at += Integer.BYTES;
            pendingBits += Integer.SIZE;
        } else if (at < bytes.length) {
            pending |= Byte.toUnsignedLong(bytes[at++]) << pendingBits;
            pendingBits += Byte.SIZE;
        } else {
            throw ended();
        }
    }

    private IllegalArgumentException ended() {
        return new IllegalArgumentException(
                "a code that ends after %d bytes".formatted(bytes.length));
    }
}
