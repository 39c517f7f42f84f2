package dev.tutti.deploy.simulate;

/**
 * What came out of a {@link ClusterSimulation}.
 *
 * @param workers how many
 * @param relays how many
 * @param millis of a step
 * @param coordinatorBytes that the coordinator's link carries in a step, both ways
 * @param bottleneck what is busy for the largest part of a step
 * @param busy that part, from 0 to 1
 */
public record Prediction(
        int workers,
        int relays,
        double millis,
        double coordinatorBytes,
        String bottleneck,
        double busy) {
    /** Returns how many times as many samples a second there are as with one worker. */
    public double speedUp(Prediction one) {
        return workers * efficiency(one);
    }

    /** Returns the speed-up of each worker, from 0 to 1. */
    public double efficiency(Prediction one) {
        return one.millis / millis;
    }
}
