package dev.tutti.deploy.simulate;

import java.util.Optional;

/**
 * What things cost in a {@link ClusterSimulation}.
 *
 * @param floats of the gradient and of the weights
 * @param computeNanos of a worker, for its share of every step
 * @param intakeNanosPerFloat of the receiver of a vector: to check, add, step or copy it
 * @param link bytes in a second, and the way
 * @param code what a worker sends in place of its gradient, if it is compressed
 */
public record Costs(
        long floats,
        long computeNanos,
        double intakeNanosPerFloat,
        LinkSpeed link,
        Optional<CodeCosts> code) {
    /**
     * A compressed gradient.
     *
     * @param bytes of it
     * @param encodeNanos of the worker
     * @param decodeNanos of the coordinator
     */
    public record CodeCosts(long bytes, long encodeNanos, long decodeNanos) {}

    /** Returns the time until a worker has what it sends. */
    long workNanos() {
        return computeNanos + code.map(CodeCosts::encodeNanos).orElse(0L);
    }

    long intakeNanos(long count) {
        return Math.round(count * intakeNanosPerFloat);
    }
}
