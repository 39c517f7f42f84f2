package dev.tutti.common.optim;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalDouble;

/** Steps of an optimizer alone, taken as a run takes them. */
final class Steps {
    private Steps() {}

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
            rule.applyTo(
                    step, Floats.count(weights), 0, sum, slots, SteppedWeights.inPlace(weights));
        }
    }

    private static MemorySegment half(Arena arena, MemorySegment gradient) {
        var half = Floats.allocate(arena, Floats.count(gradient));
        Floats.copy(gradient, half);
        Floats.divide(2, half);
        return half;
    }
}
