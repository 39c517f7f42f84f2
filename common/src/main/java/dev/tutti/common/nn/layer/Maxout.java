package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.loss.Rows;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;

/**
 * The largest of each group of neighbours: a_k = max of z_{kp} … z_{kp+p−1}; the gradient goes to
 * that one alone, the first of equals (Goodfellow et al. 2013).
 *
 * @param pieces p, the size of a group
 */
public record Maxout(int pieces) implements Layer {
    /** Refuses groups of fewer than two. */
    public Maxout {
        Bounds.atLeast("pieces", 2, pieces);
    }

    @Override
    public Shape outputShape(Shape input) {
        if (input.rank() != 1 || input.size() % pieces != 0) {
            throw new IllegalArgumentException(
                    "takes a vector whose length is a multiple of %d, found %s"
                            .formatted(pieces, input));
        }
        return Shape.of(input.size() / pieces);
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            Floats.set(out, i, Rows.max(i * pieces, pieces, in));
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        inGradient.fill((byte) 0);
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            var largest = i * pieces;
            while (Floats.get(in, largest) != Floats.get(out, i)
                    && largest < (i + 1) * pieces - 1) {
                largest++;
            }
            Floats.set(inGradient, largest, Floats.get(outGradient, i));
        }
    }
}
