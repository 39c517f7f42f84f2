package dev.tutti.proto.loop;

import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that runs tasks and looks at what no task announces, such as a ring in shared memory.
 *
 * <p>Waking a parked thread takes tens of microseconds, as long as a small network's whole step. So
 * a loop with a source looks again for a moment before it sleeps, and a short wait ends at once.
 * After each look it yields its core, because the process that it waits for may need the core. Then
 * it sleeps until a task or the sources' bell wakes it. A loop without a source parks at once.
 */
public final class EventLoop extends AbstractExecutorService {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    private static final ThreadLocal<@Nullable EventLoop> CURRENT = new ThreadLocal<>();

    private static final long YIELD_NANOS = 20_000;

    /** How long it sleeps if its sources have several bells. */
    private static final long NAP_NANOS = 100_000;

    /** Looks for work that no task announces. */
    @FunctionalInterface
    public interface Source {
        /** Does what is there to do, without waiting; tells whether there was anything. */
        boolean poll();
    }

    private record Watched(Source source, Bell bell) {}

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<Watched> watched = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean parked;
    private volatile @Nullable Bell sleepsAt;
    private volatile boolean stopping;

    /** Starts a loop on a daemon thread of this name. */
    public EventLoop(String name) {
        this(ProcessPart.EVENT_LOOP, name);
    }

    EventLoop(ProcessPart part, String name) {
        this.thread = Threads.unstarted(part, name, this::run);
        thread.start();
    }

    /**
     * Returns the loop that the caller runs on.
     *
     * @throws IllegalStateException if the caller runs on no loop
     */
    public static EventLoop current() {
        var loop = CURRENT.get();
        if (loop == null) {
            throw new IllegalStateException(
                    "%s is not the thread of an event loop"
                            .formatted(Thread.currentThread().getName()));
        }
        return loop;
    }

    /**
     * Polls {@code source} from now on, and whenever the bell has rung; to be called on this loop's
     * thread, and only if bells {@linkplain Bell#isAvailable are available}.
     */
    public void add(Source source, Bell bell) {
        watched.add(new Watched(source, bell));
    }

    /** Polls {@code source} no more; to be called on this loop's thread. */
    public void remove(Source source) {
        watched.removeIf(entry -> entry.source.equals(source));
    }

    @Override
    public void execute(Runnable task) {
        if (stopping) {
            throw new RejectedExecutionException(thread.getName() + " has stopped");
        }
        tasks.add(task);
        wake();
    }

    private void wake() {
        if (parked) {
            unpark();
        }
    }

    private void unpark() {
        var bell = sleepsAt;
        if (bell != null) {
            bell.ring();
        }
        LockSupport.unpark(thread);
    }

    private void run() {
        CURRENT.set(this);
        try {
            long idleSince = 0;
            while (!stopping || !tasks.isEmpty()) {
                var ranTask = runTask();
                if (pollSources() || ranTask) {
                    idleSince = 0;
                } else if (idleSince == 0) {
                    idleSince = System.nanoTime();
                } else {
                    pause(System.nanoTime() - idleSince);
                }
            }
        } finally {
            ended.countDown();
        }
    }

    private boolean runTask() {
        var task = tasks.poll();
        if (task == null) {
            return false;
        }
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            Threads.failed(e);
        }
        return true;
    }

    private boolean pollSources() {
        var any = false;
        // By index: a source may add or remove sources while it is polled.
        for (var i = 0; i < watched.size(); i++) {
            any |= poll(watched.get(i).source);
        }
        return any;
    }

    private boolean poll(Source source) {
        try {
            return source.poll();
        } catch (RuntimeException | Error e) {
            LOG.error("{} cannot read any more", thread.getName(), e);
            Threads.failedIfError(e);
            remove(source);
            return true;
        }
    }

    // Yielding is the point: the others that wait and work here are this program's own threads.
    @SuppressWarnings("ThreadPriorityCheck")
    private void pause(long idleNanos) {
        if (watched.isEmpty()) {
            park(() -> LockSupport.park(this));
            return;
        }
        if (idleNanos < YIELD_NANOS) {
            Thread.yield();
            return;
        }
        var bell = watched.getFirst().bell;
        if (watched.stream().allMatch(entry -> entry.bell.equals(bell))) {
            sleepsAt = bell;
            park(() -> bell.sleep(() -> isIdle() && !pollSources()));
        } else {
            // Only if several processes of a run are in one JVM, as in tests.
            park(() -> LockSupport.parkNanos(this, NAP_NANOS));
        }
    }

    private void park(Runnable how) {
        parked = true;
        // A thread that adds a task after this look sees the flag and wakes this thread.
        if (isIdle()) {
            how.run();
        }
        parked = false;
        sleepsAt = null;
    }

    private boolean isIdle() {
        return tasks.isEmpty() && !stopping;
    }

    @Override
    public void shutdown() {
        stopping = true;
        unpark();
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown();
        var left = new ArrayList<Runnable>();
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            left.add(task);
        }
        return left;
    }

    @Override
    public boolean isShutdown() {
        return stopping;
    }

    @Override
    public boolean isTerminated() {
        return ended.getCount() == 0;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return ended.await(timeout, unit);
    }
}
