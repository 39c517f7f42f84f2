package dev.tutti.common.step.lease;

import dev.tutti.common.step.run.Limits;
import java.util.Optional;

/** Whether there are workers enough: to begin, and, once begun, to go on. */
public final class Quorum {
    private final Limits limits;
    private boolean begun;
    private boolean working;
    private long waitingNanos;

    public Quorum(Limits limits, long now) {
        this.limits = limits;
        this.waitingNanos = now;
    }

    /** Tells whether leases may be given out with so many workers ready; ends a wait if so. */
    public boolean isMet(int ready) {
        if (ready < needed()) {
            return false;
        }
        working = true;
        begun = true;
        return true;
    }

    public boolean isWorking() {
        return working;
    }

    public boolean hasBegun() {
        return begun;
    }

    /** Begins a pause if too few are left; returns a line that says so. */
    public Optional<String> pause(int ready, long now) {
        if (!working || ready >= needed()) {
            return Optional.empty();
        }
        working = false;
        waitingNanos = now;
        return Optional.of(
                "paused: %d workers ready, %d needed; waiting up to %d s"
                        .formatted(ready, needed(), limits.waitMax().toSeconds()));
    }

    /** Returns why the wait has been too long, once it has. */
    public Optional<String> giveUp(int ready, long now) {
        return working || now - waitingNanos <= limits.waitMax().toNanos()
                ? Optional.empty()
                : Optional.of(
                        "waited %d s for workers: %d ready, %d needed"
                                .formatted(limits.waitMax().toSeconds(), ready, needed()));
    }

    private int needed() {
        return begun ? limits.minWorkers() : limits.startWorkers();
    }
}
