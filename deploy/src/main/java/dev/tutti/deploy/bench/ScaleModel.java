package dev.tutti.deploy.bench;

/**
 * What things cost in {@link ScaleSimulation}.
 *
 * @param floats of the gradient and of the weights
 * @param computeNanos of a worker, for its share of every step
 * @param intakeNanosPerFloat of whoever gets a vector: to check, add, step or copy it
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
     * Returns what a formula says of a step: the computation, then one vector from and one to each
     * neighbour of the busiest link.
     *
     * @param neighbours of the machine that has the most
     */
    public double formulaMillis(int neighbours) {
        return (computeNanos + 2.0 * neighbours * linkNanos(floats * Float.BYTES)) / 1e6;
    }
}
