package dev.tutti.common.partition;

import dev.tutti.common.data.Targets;
import java.util.Optional;

/**
 * All virtual workers draw from all samples: each epoch has one order over all of them, drawn anew,
 * and a shard is a part of it. So the samples of a worker are independent of the worker and have
 * one distribution.
 */
public record Iid() implements Partition {
    @Override
    public Optional<String> refusal(Targets targets, int workers) {
        return Optional.empty();
    }

    @Override
    public EpochOrders orders(TrainingSamples samples) {
        return epoch -> samples.batches().rows(epoch, samples.rows());
    }
}
