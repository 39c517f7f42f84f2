package dev.tutti.common.optim;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalDouble;

/** Steps of an optimizer alone, taken as a run takes them. */
final class Steps {
    private Steps() {}

    /**
     * Takes a step in place, over vectors that are one tensor of one dimension. See the next one.
     */
    static void take(
            Optimizer optimizer,
            long step,
            double rate,
            MemorySegment gradient,
            List<MemorySegment> slots,
            MemorySegment weights) {
        take(optimizer, step, rate, vector(Floats.count(weights)), gradient, slots, weights);
    }

    /** Returns the layout of a vector that is one tensor of one dimension. */
    static TensorLayout vector(long count) {
        return new TensorLayout(
                List.of(new TensorLayout.Placed(0, Shape.of(Math.toIntExact(count)))));
    }

    /**
     * Takes a step in place. The gradient comes as one term, or in odd steps as two equal ones: a
     * step of two workers, of the same bits.
     *
     * @param step steps taken before
     * @param rate the rate of this step
     */
    static void take(
            Optimizer optimizer,
            long step,
            double rate,
            TensorLayout layout,
            MemorySegment gradient,
            List<MemorySegment> slots,
            MemorySegment weights) {
        var rule =
                new UpdateRule(optimizer, rate, new Constant(), List.of(), OptionalDouble.empty());
        try (var arena = Arena.ofConfined()) {
            var sum =
                    step % 2 == 0
                            ? GradientSum.of(gradient, 1)
                            : GradientSum.of(half(arena, gradient), half(arena, gradient), 1);
            var changed = SteppedWeights.inPlace(weights);
            if (rule.needsWholeGradient()) {
                rule.apply(step, layout, sum, slots, changed);
            } else {
                rule.applyTo(step, Floats.count(weights), 0, sum, slots, changed);
            }
        }
    }

    private static MemorySegment half(Arena arena, MemorySegment gradient) {
        var half = Floats.allocate(arena, Floats.count(gradient));
        Floats.copy(gradient, half);
        Floats.divide(2, half);
        return half;
    }
}
