package dev.tutti.common.optim;

import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a step finds the weights and where it leaves them; the same range of the flat vector each
 * time.
 *
 * @param before the step
 * @param after it; may be the same memory
 * @param sent those after it as workers get them, rounded; no numbers if they get them as they are
 */
public record SteppedWeights(MemorySegment before, MemorySegment after, Elements sent) {
    /** Refuses vectors of different lengths. */
    public SteppedWeights {
        var count = Floats.count(before);
        if (Floats.count(after) != count || (sent.count() != count && sent.count() != 0)) {
            throw new IllegalArgumentException(
                    "the weights before and after a step must have the same length, found %d, %d and %d"
                            .formatted(count, Floats.count(after), sent.count()));
        }
    }

    /** Returns weights that are changed where they are. */
    public static SteppedWeights inPlace(MemorySegment weights) {
        return new SteppedWeights(weights, weights, Elements.NONE);
    }

    /**
     * Returns the vectors that a step changes, in the order that {@link Optimizer.BlockStep} takes.
     */
    static List<MemorySegment> withSlots(MemorySegment weights, List<MemorySegment> slots) {
        return Stream.concat(Stream.of(weights), slots.stream()).toList();
    }

    /** Returns how many there are. */
    long count() {
        return Floats.count(before);
    }

    SteppedWeights slice(long offset, long count) {
        return new SteppedWeights(
                Floats.slice(before, offset, count),
                Floats.slice(after, offset, count),
                sent.count() == 0 ? sent : sent.slice(offset, count));
    }
}
