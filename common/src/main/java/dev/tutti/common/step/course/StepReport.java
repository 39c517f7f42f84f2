package dev.tutti.common.step.course;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.observe.Observation;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.sync.order.StepTasks;
import java.util.List;
import java.util.Optional;

/**
 * What one step was.
 *
 * @param step steps taken, this one included
 * @param epoch counted from 0
 * @param totals sums over the batch
 * @param rate learning rate used
 * @param shares who computed what of the gradient, in shard order
 * @param collectNanos from giving the first leases, of the rounds if there are any, to the last
 *     contribution
 * @param hiddenFraction of the gradients that had come before their senders had computed the rest
 * @param schedule what the clock of the virtual workers says of the step, if the run has one
 * @param virtualBytes that would have travelled in a cluster of the virtual workers, with such a
 *     clock: for each task the weights to its worker, and its gradient back
 * @param observation what was seen of the gradients, if they were looked at
 */
public record StepReport(
        long step,
        int epoch,
        Totals totals,
        double rate,
        List<Share> shares,
        long collectNanos,
        double hiddenFraction,
        Optional<StepTasks> schedule,
        long virtualBytes,
        Optional<Observation> observation) {
    /**
     * One contribution of the step.
     *
     * @param worker who
     * @param shards which
     * @param attempt 0 unless the shards had been given to another before
     * @param samples how many
     * @param computeNanos time the computation took
     */
    public record Share(
            WorkerId worker, ShardRange shards, int attempt, int samples, long computeNanos) {}

    /** Returns the longest time that one worker computed. */
    public long computeNanos() {
        return shares.stream().mapToLong(Share::computeNanos).max().orElse(0);
    }
}
