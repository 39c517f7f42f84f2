package dev.tutti.common.average.batch;

import java.util.Optional;

/**
 * One question that a layer asks of the whole batch: what the answer's numbers are, and how those
 * of two nodes of the shard tree become those of their parent.
 *
 * <p>The first number is n, how many values a channel has; then come two numbers of each channel,
 * first the one of all channels, then the other.
 *
 * @param kind what the two numbers are
 * @param channels of the layer
 * @param values floats that a channel has in one sample
 */
public record BatchRound(Kind kind, int channels, int values) {
    /** What is known of a channel. */
    public enum Kind {
        /**
         * Mean and Σ (x − mean)² of the channel's values, for the forward pass. Two nodes are
         * joined as by Chan, Golub and LeVeque 1983, formulas 2.1: nothing cancels where the mean
         * is much larger than the deviation, as it does in Σ x².
         */
        MOMENTS,

        /** Σ g and Σ g·x̂ over the values, with g = ∂C/∂y, for the backward pass. */
        GRADIENTS
    }

    /** Returns the question that the same layer asks in the backward pass. */
    public BatchRound backward() {
        return new BatchRound(Kind.GRADIENTS, channels, values);
    }

    /** Returns how many numbers an answer has. */
    public int length() {
        return 1 + 2 * channels;
    }

    /** Returns the answer of no samples. */
    public BatchStatistics none() {
        return BatchStatistics.of(new double[length()]);
    }

    /** Returns the answer of both nodes; the order is part of the result's bits. */
    public BatchStatistics plus(BatchStatistics left, BatchStatistics right) {
        if (left.get(0) == 0) {
            return right;
        }
        if (right.get(0) == 0) {
            return left;
        }
        var sum = new double[length()];
        sum[0] = left.get(0) + right.get(0);
        for (var channel = 1; channel <= channels; channel++) {
            switch (kind) {
                case MOMENTS -> join(left, right, channel, sum);
                case GRADIENTS -> add(left, right, channel, sum);
            }
        }
        return BatchStatistics.of(sum);
    }

    private void join(BatchStatistics left, BatchStatistics right, int mean, double[] out) {
        var squares = mean + channels;
        var difference = right.get(mean) - left.get(mean);
        var share = right.get(0) / out[0];
        out[mean] = left.get(mean) + difference * share;
        out[squares] =
                left.get(squares)
                        + right.get(squares)
                        + difference * difference * left.get(0) * share;
    }

    private void add(BatchStatistics left, BatchStatistics right, int sum, double[] out) {
        var along = sum + channels;
        out[sum] = left.get(sum) + right.get(sum);
        out[along] = left.get(along) + right.get(along);
    }

    /** Returns why these numbers cannot be an answer; empty if they can. */
    public Optional<String> refusal(BatchStatistics found) {
        return found.count() == length()
                ? Optional.empty()
                : Optional.of("%d statistics, expected %d".formatted(found.count(), length()));
    }

    /** Returns why these numbers cannot be the answer of so many samples; empty if they can. */
    public Optional<String> refusal(BatchStatistics found, long samples) {
        return refusal(found)
                .or(() ->
                        found.get(0) == (double) samples * values
                                ? Optional.empty()
                                : Optional.of(
                                        "statistics of %s values of a channel, expected %d"
                                                .formatted(found.get(0), samples * values)));
    }
}
