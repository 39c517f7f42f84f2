package dev.tutti.proto.loop;

import dev.tutti.proto.life.ProcessPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A loop for each task that comes again and again: an actor's mailbox is one such task, so each
 * actor has a thread of its own. A mailbox that is gone leaves its loop to the next one.
 */
public final class EventLoops extends AbstractExecutorService {
    private final String name;
    private final Map<Runnable, EventLoop> byTask = new WeakHashMap<>();
    private final List<EventLoop> loops = new ArrayList<>();
    private boolean stopping;

    /** Makes a group without any thread yet; their names begin with {@code name}. */
    public EventLoops(String name) {
        this.name = name;
    }

    @Override
    public void execute(Runnable task) {
        loopOf(task).execute(task);
    }

    private synchronized EventLoop loopOf(Runnable task) {
        return byTask.computeIfAbsent(task, _ -> idleLoop());
    }

    private EventLoop idleLoop() {
        return loops.stream()
                .filter(loop -> !byTask.containsValue(loop))
                .findFirst()
                .orElseGet(this::start);
    }

    private EventLoop start() {
        var loop = new EventLoop(ProcessPart.COMPUTE_LOOP, name + "-" + loops.size());
        loops.add(loop);
        if (stopping) {
            loop.shutdown();
        }
        return loop;
    }

    @Override
    public synchronized void shutdown() {
        stopping = true;
        loops.forEach(EventLoop::shutdown);
    }

    @Override
    public synchronized List<Runnable> shutdownNow() {
        shutdown();
        return loops.stream().flatMap(loop -> loop.shutdownNow().stream()).toList();
    }

    @Override
    public synchronized boolean isShutdown() {
        return stopping;
    }

    @Override
    public synchronized boolean isTerminated() {
        return stopping && loops.stream().allMatch(EventLoop::isTerminated);
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        var until = System.nanoTime() + unit.toNanos(timeout);
        List<EventLoop> all;
        synchronized (this) {
            all = List.copyOf(loops);
        }
        for (var loop : all) {
            if (!loop.awaitTermination(until - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return false;
            }
        }
        return true;
    }
}
