package dev.tutti.common.step.run;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.data.BatchPlan;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Split;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.random.Seeds;

/**
 * Which samples are in which shard: a pure function of the run's spec and the data's size, so that
 * the coordinator and every worker agree without a word (law 3).
 *
 * <p>The order of the epoch asked for last is kept; an instance serves one thread.
 */
public final class SamplePlan {
    private final RunSpec spec;
    private final Split split;
    private final BatchPlan batches;
    private int orderedEpoch = -1;
    private int[] ordered = {};

    /** Makes the plan of a run over data split so. */
    public SamplePlan(RunSpec spec, Split split) {
        this.spec = spec;
        this.split = split;
        this.batches =
                new BatchPlan(split.train().length, spec.batch(), spec.seed(), spec.shuffle());
    }

    /**
     * Samples in the order in which they are computed.
     *
     * @param rows indices into the dataset; the array is shared, do not write to it
     * @param from first
     * @param to one past the last
     */
    @SuppressWarnings("ArrayRecordComponent") // A view of a large array, never compared.
    public record Slice(int[] rows, int from, int to) {
        /** Returns the number of samples. */
        public int count() {
            return to - from;
        }

        /** Copies the samples' features and targets to the first rows of a workspace. */
        public void gather(Dataset data, Loss loss, int outputs, Workspace out) {
            data.gatherFeatures(rows, from, to, out.features());
            data.gatherTargets(rows, from, to, loss.targets(), outputs, out.targets());
        }

        /** Returns what {@link Totals#sampleHash} must be when each was counted once. */
        public long hash() {
            var hash = 0L;
            for (var i = from; i < to; i++) {
                hash += Seeds.hash(rows[i]);
            }
            return hash;
        }
    }

    /** Returns the samples of these shards of the work. */
    public Slice slice(Work work, ShardRange shards) {
        return switch (work) {
            case Work.Train _, Work.Measure _ -> {
                var batch = batches.batch(work.step());
                yield cut(rowsOf(batch.epoch()), batch.from(), batch.to(), shards);
            }
            case Work.Evaluate(_, var part) -> {
                var rows = rows(part);
                yield cut(rows, 0, rows.length, shards);
            }
        };
    }

    /** Returns the batch of a step. */
    public BatchPlan.Batch batch(long step) {
        return batches.batch(step);
    }

    /** Returns the steps of one epoch. */
    public int stepsPerEpoch() {
        return batches.stepsPerEpoch();
    }

    /** Returns how many shards of a batch have samples, of the batch where they are fewest. */
    public int shardsMin() {
        var last = batches.batch(batches.stepsPerEpoch() - 1L);
        return Math.min(spec.shards(), last.count());
    }

    /** Returns the number of samples in a part. */
    public int count(Part part) {
        return rows(part).length;
    }

    /** Returns the most samples that one shard can have. */
    public int shardSamplesMax() {
        return (spec.batch() - 1) / spec.shards() + 1;
    }

    private Slice cut(int[] rows, int from, int to, ShardRange shards) {
        var count = to - from;
        return new Slice(
                rows,
                from + boundary(shards.from(), spec.shards(), count),
                from + boundary(shards.to(), spec.shards(), count));
    }

    /** Returns where a shard begins: shards of a batch differ by at most one sample. */
    static int boundary(int shard, int shards, int count) {
        return (int) ((long) shard * count / shards);
    }

    private int[] rowsOf(int epoch) {
        if (orderedEpoch != epoch) {
            ordered = batches.rows(epoch, split.train());
            orderedEpoch = epoch;
        }
        return ordered;
    }

    private int[] rows(Part part) {
        return switch (part) {
            case VALIDATION -> split.validation();
            case TEST -> split.test();
        };
    }
}
