package dev.tutti.common.step.simulation;

import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.run.ProcessId;
import java.util.function.LongSupplier;

/**
 * One stream between a process and the coordinator or relay that it joined: messages of one
 * direction arrive in their order after a drawn delay. While it is held nothing arrives, as if a
 * cable were out and the transport sent again.
 */
final class SimulatedLink {
    /** How a stream ends for the process. */
    enum End {
        LOST,
        QUARANTINED,
        /** It has sent wrong bits. */
        EXPELLED,
        REFUSED,
        OVER
    }

    final ProcessId id;
    final SimulatedMembers above;
    final SimulatedProcess process;
    boolean openAtProcess = true;

    /** The last weights that were published to the process. */
    long published = PublishedWeights.NO_VERSION;

    /** The last weights of which all was sent. */
    long sent = PublishedWeights.NO_VERSION;

    /** The first chunk of them that was not sent yet. */
    int nextChunk;

    /** Decisions of the upper side before the last heartbeat came. */
    int decisionsAtBeat;

    private final SimulatedClock clock;
    private final LongSupplier delays;
    private long lastAbove;
    private long lastToProcess;
    private long heldUntil;

    SimulatedLink(
            ProcessId id,
            SimulatedMembers above,
            SimulatedProcess process,
            SimulatedClock clock,
            LongSupplier delays) {
        this.id = id;
        this.above = above;
        this.process = process;
        this.clock = clock;
        this.delays = delays;
    }

    void hold(long untilNanos) {
        heldUntil = Math.max(heldUntil, untilNanos);
    }

    boolean isHeld() {
        return heldUntil > clock.now();
    }

    void toAbove(Runnable arrival) {
        lastAbove = arrival(lastAbove);
        clock.at(lastAbove, arrival);
    }

    void toProcess(Runnable arrival) {
        lastToProcess = arrival(lastToProcess);
        clock.at(lastToProcess, arrival);
    }

    private long arrival(long last) {
        return Math.max(Math.max(last, heldUntil), clock.now() + delays.getAsLong());
    }
}
