package dev.tutti.common.average.batch;

import java.util.Arrays;

/**
 * What a layer sums up over samples to normalise by it: the samples of a shard, of a node of the
 * shard tree or of the whole batch. {@link BatchRound} says what the numbers are. Immutable.
 */
public final class BatchStatistics {
    /** No numbers, as in a result that has none. */
    public static final BatchStatistics NONE = new BatchStatistics(new double[0]);

    private final double[] values;

    private BatchStatistics(double[] values) {
        this.values = values;
    }

    /** Returns the statistics of these numbers. */
    public static BatchStatistics of(double... values) {
        return new BatchStatistics(values.clone());
    }

    /** Returns how many numbers there are. */
    public int count() {
        return values.length;
    }

    /** Returns one of the numbers. */
    public double get(int index) {
        return values[index];
    }

    /** Returns a copy of the numbers. */
    public double[] toArray() {
        return values.clone();
    }

    /** Tells whether no number is NaN or infinite. */
    public boolean isFinite() {
        return Arrays.stream(values).allMatch(Double::isFinite);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BatchStatistics same && Arrays.equals(values, same.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return values.length + " numbers of a batch";
    }
}
