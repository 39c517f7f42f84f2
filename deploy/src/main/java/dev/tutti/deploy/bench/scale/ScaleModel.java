package dev.tutti.deploy.bench.scale;

import dev.tutti.common.average.Chunks;

/**
 * What things cost in {@link ScaleSimulation}.
 *
 * @param floats of the gradient and of the weights
 * @param computeNanos of a worker, for its share of every step
 * @param intakeNanosPerFloat of the receiver of a vector: to check, add, step or copy it
 * @param linkBytesPerSecond of every machine's link, each way
 * @param latencyNanos from one machine to another
 */
public record ScaleModel(
        long floats,
        long computeNanos,
        double intakeNanosPerFloat,
        double linkBytesPerSecond,
        long latencyNanos) {
    long linkNanos(long bytes) {
        return Math.round(bytes / linkBytesPerSecond * 1e9);
    }

    long intakeNanos(long count) {
        return Math.round(count * intakeNanosPerFloat);
    }

    /**
     * Returns what a formula says of a star's step: the computation, then one vector from each
     * worker over the coordinator's link. The weights go back as the gradients come in, so that of
     * the way back only the last chunk takes time of its own. Senders that wait for each other's
     * chunks make it up to {@link #treeMillis} of as many neighbours.
     */
    public double starMillis(int workers) {
        var chunks = new Chunks(floats, Chunks.DEFAULT_FLOATS).count();
        return (computeNanos + (1 + 1.0 / chunks) * workers * vectorNanos()) / 1e6;
    }

    /**
     * Returns what a formula says of a tree's step: the computation, then one vector from and one
     * to each neighbour of the busiest link, one after the other.
     *
     * @param neighbours of the machine that has the most
     */
    public double treeMillis(int neighbours) {
        return (computeNanos + 2.0 * neighbours * vectorNanos()) / 1e6;
    }

    private long vectorNanos() {
        return linkNanos(floats * Float.BYTES);
    }
}
