package dev.tutti.common.step.worker;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.average.SharedPayload;
import dev.tutti.common.average.Totals;
import dev.tutti.common.step.compute.ChunkRounding;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Lease;
import java.util.ArrayList;
import java.util.List;

/**
 * A contribution on its way: sent chunk by chunk, the last one first, as far as it is computed and
 * the credit goes.
 */
final class OutgoingContribution {
    final Lease lease;
    private final Totals totals;
    private final Chunks chunks;
    private final ChunkRounding rounding;
    private final SharedPayload slices;
    private int allowed;
    private long knownFrom;
    private long nanos;
    private int sent;

    /**
     * Makes a contribution of which nothing is known yet.
     *
     * @param rounding what its chunks are rounded to
     * @param gradient the sum over the lease, which is being computed
     * @param allowedChunks that may be sent so far
     */
    OutgoingContribution(
            Lease lease,
            Totals totals,
            ChunkRounding rounding,
            Payload gradient,
            int allowedChunks) {
        this.lease = lease;
        this.totals = totals;
        this.rounding = rounding;
        this.chunks = rounding.chunks();
        this.slices = new SharedPayload(gradient, chunks);
        this.allowed = allowedChunks;
        this.knownFrom = chunks.length();
    }

    /** Notes that the gradient is final from this float on to its end. */
    void known(long from) {
        knownFrom = from;
    }

    /** Notes that all of the gradient is final. */
    void computed(long computeNanos) {
        knownFrom = 0;
        nanos = Math.max(1, computeNanos);
    }

    /** Notes that so many chunks may be sent in all. */
    void allow(int allowedChunks) {
        allowed = allowedChunks;
    }

    /** Returns the messages that can be sent now. */
    List<ToCoordinator.Contribution> send() {
        var messages = new ArrayList<ToCoordinator.Contribution>();
        for (; sent < Math.min(allowed, chunks.count()); sent++) {
            var chunk = chunks.inSendOrder(sent);
            if (chunks.offset(chunk) < knownFrom) {
                break;
            }
            messages.add(
                    new ToCoordinator.Contribution(
                            lease,
                            totals,
                            nanos,
                            chunks.offset(chunk),
                            slices.slice(chunk, rounding.of(lease.shards(), chunk))));
        }
        return messages;
    }

    boolean isSent() {
        return sent == chunks.count();
    }

    /** Tells whether the gradient is being written to, still. */
    boolean isBeingComputed() {
        return nanos == 0;
    }

    /** Gives back what has not been sent; nobody may be writing to it any more. */
    void drop() {
        for (; sent < chunks.count(); sent++) {
            slices.slice(chunks.inSendOrder(sent)).release();
        }
    }
}
