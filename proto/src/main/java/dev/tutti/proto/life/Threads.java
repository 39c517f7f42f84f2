package dev.tutti.proto.life;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes all threads of the program, so that the failure of any of them is told to the process's
 * handler of uncaught exceptions, which ends the process: a thread that is gone in silence would
 * leave everybody waiting for it (law 4).
 */
public final class Threads {
    private static final Logger LOG = LoggerFactory.getLogger(Threads.class);

    private Threads() {}

    /** Returns a daemon thread that is not yet started. */
    public static Thread unstarted(ProcessPart part, String name, Runnable task) {
        return Thread.ofPlatform().daemon().name(name).unstarted(begun(part, task));
    }

    /** Starts a daemon thread. */
    public static Thread start(ProcessPart part, Runnable task) {
        var thread = unstarted(part, part.text(), task);
        thread.start();
        return thread;
    }

    /** Starts a virtual thread. */
    public static Thread startVirtual(ProcessPart part, Runnable task) {
        return Thread.ofVirtual().name(part.text()).start(begun(part, task));
    }

    /** Returns what makes daemon threads for a pool. */
    public static ThreadFactory factory(ProcessPart part) {
        var count = new AtomicInteger();
        return task -> unstarted(part, part.text() + "-" + count.getAndIncrement(), task);
    }

    /**
     * Returns the task with its failure told: an executor that repeats a task would keep it to
     * itself.
     */
    public static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                failed(e);
                throw e;
            }
        };
    }

    /**
     * Returns what a library's thread runs as long as the process does: its end is a failure, even
     * if the library keeps that to itself.
     */
    public static Runnable lasting(ProcessPart part, Runnable task) {
        return () -> {
            begun(part, task).run();
            failed(new IllegalStateException(part.text() + " has ended"));
        };
    }

    /** Tells the process of a failure that it cannot go on with. */
    public static void failed(Throwable failure) {
        var handler = Thread.getDefaultUncaughtExceptionHandler();
        if (handler == null) {
            LOG.error("{} failed", Thread.currentThread().getName(), failure);
        } else {
            handler.uncaughtException(Thread.currentThread(), failure);
        }
    }

    /**
     * Tells the process of a failure if it is one of the JVM, such as a lack of memory or of a
     * class, and not of a peer: a library may have made a broken connection of it.
     */
    public static void failedIfError(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof VirtualMachineError || cause instanceof LinkageError) {
                failed(cause);
                return;
            }
        }
    }

    private static Runnable begun(ProcessPart part, Runnable task) {
        return () -> {
            PlannedFailure.at(part);
            task.run();
        };
    }
}
