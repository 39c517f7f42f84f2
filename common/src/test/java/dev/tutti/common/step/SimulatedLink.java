package dev.tutti.common.step;

import java.util.function.LongSupplier;

/**
 * One stream between a process and the coordinator: messages of one direction arrive in their order
 * after a drawn delay. While it is held nothing arrives, as if a cable were out and the transport
 * sent again.
 */
final class SimulatedLink {
    /** How a stream ends for the process. */
    enum End {
        LOST,
        QUARANTINED,
        REFUSED,
        OVER
    }

    final ProcessId id;
    final SimulatedProcess process;
    boolean openAtCoordinator = true;
    boolean openAtProcess = true;

    /** The last weights that the coordinator had published to the process. */
    long published = ReceivedWeights.NONE;

    /** Decisions of the coordinator before the last heartbeat came. */
    int decisionsAtBeat;

    private final SimulatedClock clock;
    private final LongSupplier delays;
    private long lastToCoordinator;
    private long lastToProcess;
    private long heldUntil;

    SimulatedLink(
            ProcessId id, SimulatedProcess process, SimulatedClock clock, LongSupplier delays) {
        this.id = id;
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

    void toCoordinator(Runnable arrival) {
        lastToCoordinator = arrival(lastToCoordinator);
        clock.at(lastToCoordinator, arrival);
    }

    void toProcess(Runnable arrival) {
        lastToProcess = arrival(lastToProcess);
        clock.at(lastToProcess, arrival);
    }

    private long arrival(long last) {
        return Math.max(Math.max(last, heldUntil), clock.now() + delays.getAsLong());
    }
}
