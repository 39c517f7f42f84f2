package dev.tutti.proto.life;

/**
 * The parts of a process that can fail on their own: every kind of thread and every kind of actor
 * that the program makes. A test makes each fail at its start, so a new one is named here.
 */
public enum ProcessPart {
    /** The thread of an actor that owns a machine. */
    EVENT_LOOP("tutti-event-loop"),
    /** The thread of one worker. */
    COMPUTE_LOOP("tutti-compute-loops"),
    /** The threads of Akka's own actors. */
    ACTOR_SYSTEM("tutti-actors"),
    /** Wakes actors after a time. */
    TIMERS("tutti-timers"),
    /** Writes checkpoints. */
    CHECKPOINTS("tutti-checkpoint"),
    /** Serves calls that take their time. */
    CALLS("tutti-grpc"),
    /** Accepts connections. */
    ACCEPTING("tutti-accept"),
    /** Reads and writes connections. */
    SERVING("tutti-io"),
    /** Sends heartbeats. */
    HEARTBEAT("tutti-heartbeat"),
    /** Loads the data of a run. */
    DATA("tutti-data"),
    /** Loads the kernel. */
    KERNEL("tutti-kernel"),
    /** Draws the progress of a run. */
    PROGRESS("tutti-progress"),
    /** Wakes a process that a fault has stopped. */
    PAUSE("tutti-pause"),
    /** The coordinator's actor. */
    COORDINATOR("coordinator"),
    /** The actor of a worker process. */
    WORKER_PROCESS("worker-process"),
    /** The actor of one worker. */
    WORKER("worker"),
    /** The actor of a relay. */
    RELAY("relay");

    private final String text;

    ProcessPart(String text) {
        this.text = text;
    }

    /** Returns its name, with which names of its threads begin. */
    public String text() {
        return text;
    }
}
