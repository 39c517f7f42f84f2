package dev.tutti.common.step;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.average.SharedPayload;
import dev.tutti.common.average.Totals;
import java.util.ArrayList;
import java.util.List;

/** A computed contribution on its way: sent chunk by chunk, as far as the credit goes. */
final class OutgoingContribution {
    final Lease lease;
    private final Totals totals;
    private final long nanos;
    private final Chunks chunks;
    private final SharedPayload slices;
    private int sent;

    OutgoingContribution(Lease lease, Totals totals, long nanos, Chunks chunks, Payload gradient) {
        this.lease = lease;
        this.totals = totals;
        this.nanos = nanos;
        this.chunks = chunks;
        this.slices = new SharedPayload(gradient, chunks);
    }

    /** Returns the messages that {@code allowedChunks} chunks in all let through. */
    List<ToCoordinator.Contribution> send(int allowedChunks) {
        var messages = new ArrayList<ToCoordinator.Contribution>();
        for (; sent < Math.min(allowedChunks, chunks.count()); sent++) {
            messages.add(
                    new ToCoordinator.Contribution(
                            lease, totals, nanos, chunks.offset(sent), slices.slice(sent)));
        }
        return messages;
    }

    boolean isSent() {
        return sent == chunks.count();
    }

    /** Gives back what has not been sent. */
    void drop() {
        for (; sent < chunks.count(); sent++) {
            slices.slice(sent).release();
        }
    }
}
