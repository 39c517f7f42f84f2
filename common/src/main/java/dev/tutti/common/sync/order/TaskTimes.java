package dev.tutti.common.sync.order;

/**
 * How long each task of a run takes, and which tasks there are.
 *
 * @param workers virtual workers
 * @param clock their clock
 * @param seed of the run
 * @param bytes of the weights and of a gradient, the mean of both
 * @param samples of each task
 */
public record TaskTimes(int workers, Clock clock, long seed, long bytes, Samples samples) {
    /** The samples of a task. */
    @FunctionalInterface
    public interface Samples {
        /** Returns how many samples a worker's shard of a batch has, which may be none. */
        int count(int worker, long batch);
    }

    /** Returns the time from the pull of the weights to the arrival of the gradient. */
    public long nanos(int worker, long batch) {
        return nanos(worker, batch, 1);
    }

    /** Returns the same of a task with so many batches, from one on. */
    long nanos(int worker, long from, int batches) {
        var nanos = clock.travelNanos(bytes);
        for (var i = 0; i < batches; i++) {
            nanos += clock.computeNanos(seed, worker, from + i);
        }
        return Math.max(1, nanos);
    }

    /** Tells whether a worker has samples at all: the first batch is as large as any. */
    boolean takesPart(int worker) {
        return samples.count(worker, 0) > 0;
    }

    /** Returns the first batch from one on in which a worker that takes part has samples. */
    long nextBatch(int worker, long from) {
        var batch = from;
        while (samples.count(worker, batch) == 0) {
            batch++;
        }
        return batch;
    }
}
