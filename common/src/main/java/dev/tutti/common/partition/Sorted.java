package dev.tutti.common.partition;

import java.util.Arrays;

/**
 * The samples are sorted by class and cut into one consecutive part for each virtual worker, as in
 * the experiments of Karimireddy et al. 2022 ("Byzantine-robust learning on heterogeneous datasets
 * via bucketing"). Most workers have one class or two: of all partitions, their samples differ the
 * most.
 */
public record Sorted() implements Partition {
    @Override
    public EpochOrders orders(TrainingSamples samples) {
        var sorted = Arrays.stream(samples.rowsByClass()).flatMapToInt(Arrays::stream).toArray();
        var counts = samples.counts();
        var owned = new int[counts.length][];
        var at = 0;
        for (var worker = 0; worker < counts.length; worker++) {
            owned[worker] = Arrays.copyOfRange(sorted, at, at + counts[worker]);
            at += counts[worker];
        }
        return samples.owned(owned);
    }
}
