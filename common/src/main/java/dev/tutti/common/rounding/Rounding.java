package dev.tutti.common.rounding;

import dev.tutti.common.vector.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * What a shard's gradient is rounded to before it is added to another one, and how the rounded
 * numbers are written. The rounding belongs to the run and not to the wire: a number becomes {@code
 * decode(encode(number))} in the worker, also where nothing travels, and so the bits are the same
 * for every carrier, cut and number of workers. A sum over several shards is not rounded again.
 *
 * <p>A rounding has no state, and each chunk is rounded by itself: the bytes are a pure function of
 * its values. Numbers that are rounded already keep their bits if they are rounded again; so they
 * may be encoded on each part of their way. A chunk with a number that is not finite keeps one.
 */
public interface Rounding {
    /** Returns the rounding that a text names. */
    static Rounding parse(String text) {
        return Roundings.CATALOGUE.parse(text);
    }

    /** Returns the text that {@link #parse} reads. */
    default String text() {
        return Roundings.CATALOGUE.format(this);
    }

    /**
     * Returns the precision that rounds as this does: numbers that are stored in it are rounded,
     * and the weights that workers compute with are rounded to it too. Empty if there is none:
     * gradients are then rounded chunk by chunk, and weights are not.
     */
    default Optional<Precision> stored() {
        return Optional.empty();
    }

    /** Returns the precision of weights, and of a gradient while it is computed. */
    default Precision precision() {
        return stored().orElse(Precision.FP32);
    }

    /** Returns the most bytes that so many numbers take. */
    int bytesMax(int count);

    /**
     * Writes the numbers of a chunk.
     *
     * @param floats at least one; read, not changed
     * @param out of at least {@link #bytesMax} bytes, with any alignment
     * @return the bytes written
     */
    int encode(MemorySegment floats, MemorySegment out);

    /**
     * Reads the numbers of a chunk.
     *
     * @param bytes all that {@link #encode} wrote, with any alignment
     * @param out as many floats as there were
     * @throws IllegalArgumentException if the bytes do not stand for so many numbers
     */
    void decode(MemorySegment bytes, MemorySegment out);
}
