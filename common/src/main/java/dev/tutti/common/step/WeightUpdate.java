package dev.tutti.common.step;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.optim.GlobalNorm;
import dev.tutti.common.optim.Optimizer;
import dev.tutti.common.optim.Regularizer;
import dev.tutti.common.optim.Schedule;
import dev.tutti.common.optim.Schedules;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalDouble;

/**
 * From the batch's gradient sum to the next weights: one division by the number of samples, the
 * regularisers, the clipping, the optimizer's step (law 1; BACKPROP.md, "Batch SGD").
 *
 * @param optimizer takes the step
 * @param rate before the schedule
 * @param schedule of the rate
 * @param regularizers add their derivatives to the mean gradient
 * @param normMax the mean gradient is scaled down to this norm, if it is longer
 * @param trainedCount floats at the front of the vector that are trained; behind them statistics,
 *     to which the mean change that the samples ask for is added
 */
public record WeightUpdate(
        Optimizer optimizer,
        double rate,
        Schedule schedule,
        List<Regularizer> regularizers,
        OptionalDouble normMax,
        long trainedCount) {
    /** Copies the list. */
    public WeightUpdate {
        regularizers = List.copyOf(regularizers);
    }

    /** Returns the learning rate of a step. */
    public double rate(long step) {
        return Schedules.rate(schedule, rate, step);
    }

    /**
     * Takes a step.
     *
     * @param step steps taken before
     * @param samples of the batch
     * @param sum gradient sum over the batch; used as scratch
     * @param out weights and slots, changed in place
     */
    public void apply(long step, int samples, MemorySegment sum, TrainingState out) {
        Floats.divide(samples, sum);
        var gradient = Floats.slice(sum, 0, trainedCount);
        var weights = Floats.slice(out.weights(), 0, trainedCount);
        regularizers.forEach(regularizer -> regularizer.addGradient(weights, gradient));
        if (normMax.isPresent()) {
            var squares = GlobalNorm.sumOfSquares(gradient);
            GlobalNorm.scale(GlobalNorm.factor(squares, normMax.getAsDouble()), gradient);
        }
        var slots = out.slots().stream().map(slot -> Floats.slice(slot, 0, trainedCount)).toList();
        optimizer.step(step, rate(step), gradient, slots, weights);
        var statistics = Floats.count(sum) - trainedCount;
        Floats.add(
                Floats.slice(sum, trainedCount, statistics),
                Floats.slice(out.weights(), trainedCount, statistics));
    }
}
