package dev.tutti.common.optim;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.plugin.Bounds;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalDouble;

/**
 * All that turns a batch's mean gradient into the next weights, in the order in which PyTorch users
 * write it: regularisers add their derivative, the whole is clipped, the optimizer steps at the
 * scheduled rate. Statistics, behind the trained part of the flat vector, move by their mean alone.
 *
 * @param optimizer takes the step
 * @param rate its learning rate before the schedule
 * @param schedule what the rate is multiplied by
 * @param regularizers add to the mean gradient
 * @param normMax the largest norm of the gradient; empty to leave it as it is
 */
public record UpdateRule(
        Optimizer optimizer,
        double rate,
        Schedule schedule,
        List<Regularizer> regularizers,
        OptionalDouble normMax) {
    /** Refuses a norm that is not above 0. */
    public UpdateRule {
        regularizers = List.copyOf(regularizers);
        if (normMax.isPresent()) {
            Bounds.positive("the largest norm", normMax.getAsDouble());
        }
    }

    /** Returns the rule of an optimizer alone, at its own rate. */
    public static UpdateRule of(Optimizer optimizer) {
        return new UpdateRule(
                optimizer, optimizer.rate(), new Constant(), List.of(), OptionalDouble.empty());
    }

    /** Returns the learning rate of a step. */
    public double rate(long step) {
        return Schedules.rate(schedule, rate, step);
    }

    /**
     * Takes a step.
     *
     * @param step steps taken before
     * @param trained how many floats are trained; the others are statistics
     * @param mean mean gradient, then the mean moves of the statistics; used as scratch
     * @param slots the optimizer's state, changed in place; of each at least the trained part
     * @param weights the flat vector, changed in place
     */
    public void apply(
            long step,
            long trained,
            MemorySegment mean,
            List<MemorySegment> slots,
            MemorySegment weights) {
        var gradient = Floats.slice(mean, 0, trained);
        var front = Floats.slice(weights, 0, trained);
        for (var regularizer : regularizers) {
            regularizer.addGradient(front, gradient);
        }
        if (normMax.isPresent()) {
            var squares = GlobalNorm.sumOfSquares(gradient);
            GlobalNorm.scale(GlobalNorm.factor(squares, normMax.getAsDouble()), gradient);
        }
        var frontSlots = slots.stream().map(slot -> Floats.slice(slot, 0, trained)).toList();
        optimizer.step(step, rate(step), gradient, frontSlots, front);
        addBehind(trained, mean, weights);
    }

    private static void addBehind(long from, MemorySegment mean, MemorySegment weights) {
        var count = Floats.count(weights) - from;
        Floats.add(Floats.slice(mean, from, count), Floats.slice(weights, from, count));
    }
}
