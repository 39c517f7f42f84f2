package dev.tutti.common.optim;

import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.FiniteCheck;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The mean gradient of a range of the flat vector, not worked out yet: the sum of its terms,
 * divided once (law 1). The reader adds and divides on the way, so the mean itself is never
 * written.
 *
 * @param terms one sum over all samples; or two, of the left and of the right half of the tree
 * @param divisor the number of samples
 */
public record GradientSum(List<Elements> terms, float divisor) {
    /** Refuses other than one or two terms of one length, and no samples. */
    public GradientSum {
        terms = List.copyOf(terms);
        if (terms.isEmpty() || terms.size() > 2) {
            throw new IllegalArgumentException("expected one or two terms, found " + terms.size());
        }
        if (terms.getFirst().count() != terms.getLast().count()) {
            throw new IllegalArgumentException("terms must have the same length");
        }
        if (!(divisor > 0)) {
            throw new IllegalArgumentException("samples must be at least 1, were " + divisor);
        }
    }

    /** Returns the mean over {@code samples} of which {@code sum} is the sum. */
    public static GradientSum of(MemorySegment sum, long samples) {
        return new GradientSum(List.of(Elements.of(sum)), samples);
    }

    /** Returns the mean over {@code samples} of which both together are the sum. */
    public static GradientSum of(MemorySegment left, MemorySegment right, long samples) {
        return new GradientSum(List.of(Elements.of(left), Elements.of(right)), samples);
    }

    GradientSum slice(long offset, long count) {
        return new GradientSum(
                terms.stream().map(term -> term.slice(offset, count)).toList(), divisor);
    }

    /**
     * Steps over a block, along the mean.
     *
     * @param in blocks of the terms, in their order; used as scratch
     * @param out the weights, then each slot
     */
    void step(FusedStep block, int count, float[][] in, FiniteCheck finite, float[][] out) {
        if (!Floats.isPowerOfTwo(divisor)) {
            mean(count, in);
            block.run(1f, count, in[0], finite, out);
        } else if (terms.size() == 1) {
            block.run(1f / divisor, count, in[0], finite, out);
        } else {
            block.run(1f / divisor, count, in[0], in[1], finite, out);
        }
    }

    /** Leaves the mean in the first array; the terms come first, in their order. */
    void mean(int count, float[][] in) {
        if (terms.size() == 2) {
            Floats.addAndDivide(divisor, count, in[1], in[0]);
        } else {
            Floats.divide(divisor, count, in[0]);
        }
    }
}
