package dev.tutti.common.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A vector or matrix outside the heap whose numbers are floats or have 16 bits. Indices and counts
 * are in numbers, never in bytes.
 *
 * @param memory the numbers, in native byte order
 * @param precision how each is stored
 */
public record Elements(MemorySegment memory, Precision precision) {
    /** No numbers. */
    public static final Elements NONE = of(Floats.NONE);

    /** Returns floats as they are. */
    public static Elements of(MemorySegment floats) {
        return new Elements(floats, Precision.FP32);
    }

    /** Returns {@code count} zeros. */
    public static Elements allocate(Arena arena, Precision precision, long count) {
        var bytes = count * precision.bytes();
        var memory = arena.allocate(Math.max(1, bytes), Floats.ALIGNMENT_BYTES);
        return new Elements(memory.asSlice(0, bytes), precision);
    }

    /**
     * Returns the first {@code count} numbers of memory that has room for them.
     *
     * @param memory of at least {@code count} numbers of this precision
     */
    public static Elements in(MemorySegment memory, Precision precision, long count) {
        return new Elements(memory.asSlice(0, count * precision.bytes()), precision);
    }

    /** Returns how many numbers there are. */
    public long count() {
        return memory.byteSize() / precision.bytes();
    }

    /** Returns the {@code count} numbers from {@code offset} on, as a view. */
    public Elements slice(long offset, long count) {
        var bytes = precision.bytes();
        return new Elements(memory.asSlice(offset * bytes, count * bytes), precision);
    }

    /**
     * Returns the memory of floats.
     *
     * @throws IllegalStateException if the numbers have 16 bits
     */
    public MemorySegment floats() {
        if (precision != Precision.FP32) {
            throw new IllegalStateException("numbers of %s, not floats".formatted(precision));
        }
        return memory;
    }

    /**
     * Returns the numbers as floats: where they are, if they are floats, or else in {@code room}.
     *
     * @param room for as many floats, or more
     */
    public MemorySegment floats(MemorySegment room) {
        if (precision == Precision.FP32) {
            return memory;
        }
        var floats = Floats.slice(room, 0, count());
        Bf16.decode(memory, floats);
        return floats;
    }

    /**
     * Copies all numbers to the start of {@code out}, rounded if that has 16 bits and these do not.
     *
     * @param out at least as many; must not overlap
     */
    public void copyTo(Elements out) {
        var target = out.slice(0, count());
        if (precision == out.precision) {
            Floats.copy(memory, target.memory);
        } else if (precision == Precision.FP32) {
            Bf16.encode(memory, target.memory);
        } else {
            Bf16.decode(memory, target.memory);
        }
    }
}
