package dev.tutti.deploy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets SIGINT and SIGTERM stop a run in order: the run is asked to stop, and the JVM, which ends
 * with 128 and the signal's number, waits until it has.
 */
final class StopSignal implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::received, "tutti-stop");
    private volatile Runnable stop = ended::countDown;

    private StopSignal() {}

    /** Begins to listen; a signal before there is anything to stop ends the process at once. */
    static StopSignal listen() {
        var signal = new StopSignal();
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    /** Says what a signal does from now on. */
    void stops(Runnable action) {
        stop = action;
    }

    private void received() {
        stop.run();
        try {
            ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Everything is said and closed: the process may end. */
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM is ending: the hook does its work.
        }
    }
}
