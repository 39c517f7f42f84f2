package dev.tutti.common.partition;

import dev.tutti.common.data.Targets;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.random.Seeds;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Each virtual worker has samples of {@code k} classes (McMahan et al. 2017,
 * "Communication-efficient learning of deep networks from decentralized data", section 3). The
 * samples are sorted by class and cut into {@code k} equal pieces for each worker. Each k-th part
 * of the sorted list has one piece of every worker, so the pieces of a worker are of different
 * classes, unless a class has more than a k-th of all samples. A piece on the border of two classes
 * brings samples of both: such a worker has more classes than {@code k}.
 *
 * @param k classes of a worker
 */
public record ByLabel(int k) implements Partition {
    /** Refuses workers without a class. */
    public ByLabel {
        Bounds.atLeast("k", 1, k);
    }

    @Override
    public Optional<String> refusal(Targets targets, int workers) {
        return Partition.super
                .refusal(targets, workers)
                .or(() -> refusal(targets.names().size(), workers));
    }

    private Optional<String> refusal(int classes, int workers) {
        if (k > classes) {
            return Optional.of(
                    "by-label(%d) needs at least %d classes, but the data has %d: lower k"
                            .formatted(k, k, classes));
        }
        if ((long) workers * k < classes) {
            return Optional.of(
                    "by-label(%d) has no place for all %d classes on %d virtual workers: raise --shards to at least %d, or k to at least %d"
                            .formatted(
                                    k,
                                    classes,
                                    workers,
                                    (classes - 1) / k + 1,
                                    (classes - 1) / workers + 1));
        }
        return Optional.empty();
    }

    @Override
    public EpochOrders orders(TrainingSamples samples) {
        var sorted = sorted(samples);
        var counts = samples.counts();
        var owned = Arrays.stream(counts).mapToObj(int[]::new).toArray(int[][]::new);
        var ends = new int[counts.length];
        var at = 0;
        for (var piece = 0; piece < k && at < sorted.length; piece++) {
            var begin = beginOfClass(samples.labels(), sorted, at);
            for (var worker : receivers(samples.seed(), piece, ends, begin)) {
                var from = from(piece, counts[worker]);
                var count = from(piece + 1, counts[worker]) - from;
                System.arraycopy(sorted, at, owned[worker], from, count);
                at += count;
                ends[worker] = at;
            }
        }
        return samples.owned(owned);
    }

    private int from(int piece, int count) {
        return (int) ((long) piece * count / k);
    }

    /** Returns all rows sorted by class; which classes are neighbours is drawn. */
    private static int[] sorted(TrainingSamples samples) {
        var byClass = samples.rowsByClass();
        var classes = IntStream.range(0, byClass.length).toArray();
        Seeds.of(samples.seed(), "partition-neighbours").shuffle(classes);
        return Arrays.stream(classes).flatMap(k -> Arrays.stream(byClass[k])).toArray();
    }

    private static int beginOfClass(Targets.Labels labels, int[] sorted, int at) {
        var begin = at;
        while (begin > 0 && labels.of(sorted[begin - 1]) == labels.of(sorted[at])) {
            begin--;
        }
        return begin;
    }

    /**
     * Returns the workers in the order in which they get a piece. Those that have samples of the
     * first class already come last, so that they get another one.
     *
     * @param ends where the piece before ends, for each worker
     * @param begin where that class begins
     */
    private static int[] receivers(long seed, int piece, int[] ends, int begin) {
        var workers = IntStream.range(0, ends.length).toArray();
        Seeds.of(seed, "partition-piece", piece).shuffle(workers);
        return Arrays.stream(workers)
                .boxed()
                .sorted(Comparator.comparing(worker -> ends[worker] > begin))
                .mapToInt(worker -> worker)
                .toArray();
    }
}
