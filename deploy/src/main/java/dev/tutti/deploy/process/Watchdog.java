package dev.tutti.deploy.process;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that does one thing once a deadline has passed. It is started before anything can fail:
 * later there may be no memory, or no thread, for it.
 */
final class Watchdog {
    private static final long NEVER = Long.MAX_VALUE;

    private final long startNanos = System.nanoTime();
    private final Runnable action;
    private final Thread thread;
    private volatile long deadlineNanos = NEVER;

    Watchdog(String name, Runnable action) {
        this.action = action;
        this.thread = Thread.ofPlatform().daemon().name(name).start(this::watch);
    }

    /** Sets the deadline, unless there is an earlier one. */
    synchronized void expireIn(Duration time) {
        deadlineNanos = Math.min(deadlineNanos, elapsedNanos() + time.toNanos());
        LockSupport.unpark(thread);
    }

    private void watch() {
        for (var left = left(); left > 0; left = left()) {
            LockSupport.parkNanos(this, left);
        }
        action.run();
    }

    private long left() {
        var deadline = deadlineNanos;
        return deadline == NEVER ? NEVER : deadline - elapsedNanos();
    }

    private long elapsedNanos() {
        return System.nanoTime() - startNanos;
    }
}
