package dev.tutti.deploy.simulate;

import dev.tutti.common.average.Chunks;
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

    /** Returns the bytes of one vector. */
    long vectorBytes() {
        return floats * Float.BYTES;
    }

    /** Returns the time until a worker has what it sends. */
    long workNanos() {
        return computeNanos + code.map(CodeCosts::encodeNanos).orElse(0L);
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
    double starMillis(int workers) {
        var chunks = new Chunks(floats, Chunks.DEFAULT_FLOATS).count();
        return (computeNanos + (1 + 1.0 / chunks) * workers * link.nanos(vectorBytes())) / 1e6;
    }

    /**
     * Returns what a formula says of a tree's step: the computation, then one vector from and one
     * to each neighbour of the busiest link, one after the other.
     *
     * @param neighbours of the machine that has the most
     */
    double treeMillis(int neighbours) {
        return (computeNanos + 2.0 * neighbours * link.nanos(vectorBytes())) / 1e6;
    }
}
