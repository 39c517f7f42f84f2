package dev.tutti.common.partition;

import dev.tutti.common.data.BatchPlan;
import dev.tutti.common.data.Targets;
import dev.tutti.common.random.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Training samples to be divided, and what became of them. */
final class Samples {
    private Samples() {}

    /** Returns samples whose classes take turns, so that all are of one size if it divides. */
    static TrainingSamples equal(int count, int classes, int workers, int batch, long seed) {
        return of(
                IntStream.range(0, count).toArray(),
                IntStream.range(0, count).map(row -> row % classes).toArray(),
                classes,
                new BatchPlan(count, batch, seed, true),
                workers);
    }

    /** Returns samples of any numbers that a partition does not refuse; some classes are rare. */
    static TrainingSamples drawn(Partition partition, Seeds random) {
        while (true) {
            var count = 1 + random.nextInt(500);
            var workers = 1 + random.nextInt(40);
            var classes = 1 + random.nextInt(12);
            var labels = new int[count + random.nextInt(50)];
            Arrays.setAll(labels, _ -> random.nextInt(1 + random.nextInt(classes)));
            var rows = IntStream.range(0, labels.length).toArray();
            random.shuffle(rows);
            var samples =
                    of(
                            Arrays.stream(rows).limit(count).sorted().toArray(),
                            labels,
                            classes,
                            new BatchPlan(
                                    count,
                                    workers + random.nextInt(200),
                                    random.nextLong(),
                                    random.nextInt(2) == 0),
                            workers);
            if (partition.refusal(samples.targets(), workers).isEmpty()) {
                return samples;
            }
        }
    }

    private static TrainingSamples of(
            int[] rows, int[] labels, int classes, BatchPlan batches, int workers) {
        return new TrainingSamples(
                rows,
                new Targets.Labels(
                        IntStream.range(0, classes).mapToObj(k -> "class " + k).toList(),
                        Arena.ofAuto().allocateFrom(ValueLayout.JAVA_INT, labels)),
                batches,
                workers);
    }

    /**
     * Returns the rows of each worker in the order in which it computes them: the shards of a batch
     * begin where law 2 says.
     */
    static int[][] walks(TrainingSamples samples, int[] order) {
        var workers = samples.workers();
        var walks = new int[workers][0];
        var batches = samples.batches();
        for (var from = 0; from < order.length; from += batches.batch()) {
            var count = Math.min(batches.batch(), order.length - from);
            for (var worker = 0; worker < workers; worker++) {
                var begin = from + worker * count / workers;
                var end = from + (worker + 1) * count / workers;
                walks[worker] =
                        IntStream.concat(
                                        Arrays.stream(walks[worker]),
                                        Arrays.stream(order, begin, end))
                                .toArray();
            }
        }
        return walks;
    }

    /** Returns how many samples of each class every worker has. */
    static List<int[]> classes(Partition partition, TrainingSamples samples) {
        var walks = walks(samples, partition.orders(samples).rows(0));
        return Arrays.stream(walks).map(samples.labels()::counts).toList();
    }

    /** Returns how far the mixtures of the workers are from that of all samples, 0 to 1. */
    static double distance(Partition partition, TrainingSamples samples) {
        var all = samples.labels().counts(samples.rows());
        return classes(partition, samples).stream()
                .mapToDouble(own -> {
                    var sum = (double) IntStream.of(own).sum();
                    return IntStream.range(0, own.length)
                                    .mapToDouble(k ->
                                            Math.abs(
                                                    own[k] / sum
                                                            - (double) all[k]
                                                                    / samples.rows().length))
                                    .sum()
                            / 2;
                })
                .average()
                .orElseThrow();
    }

    /** Returns how many classes a worker has samples of. */
    static int classesOf(int[] counts) {
        return (int) IntStream.of(counts).filter(count -> count > 0).count();
    }
}
