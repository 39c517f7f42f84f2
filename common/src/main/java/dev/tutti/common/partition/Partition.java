package dev.tutti.common.partition;

import dev.tutti.common.data.Targets;
import java.util.Optional;

/**
 * Which training samples a virtual worker draws from. It changes neither the sizes of batches and
 * shards nor the steps of an epoch, and every epoch has each training sample exactly once.
 */
public interface Partition {
    /**
     * Returns why samples of these targets cannot be divided so, in one line; empty if they can.
     *
     * @param targets of the dataset; class labels, unless a partition can do without
     * @param workers virtual workers of the run
     */
    default Optional<String> refusal(Targets targets, int workers) {
        return switch (targets) {
            case Targets.Labels _ -> Optional.empty();
            case Targets.Values(var names, _) ->
                    Optional.of(
                            "the partition %s divides samples by class, but the targets %s are real values: use iid, or name one column of classes as the target"
                                    .formatted(
                                            Partitions.CATALOGUE.format(this),
                                            String.join(",", names)));
        };
    }

    /** Returns the orders of a run's epochs, over samples that are not refused. */
    EpochOrders orders(TrainingSamples samples);
}
