package dev.tutti.common.vector;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs loops over long vectors on several cores, where each turn writes its own range.
 *
 * <p>Such a loop waits for memory more than it computes, and one core alone cannot keep the memory
 * busy. The threads are those of the common pool and the caller's. Each takes the next turn when it
 * is done with one: a thread that wakes late, or is stopped, leaves more turns to the others, where
 * the parallel streams of Java deal out a quarter of a thread's share at a time.
 */
public final class Parallel {
    /** Floats below which waking another thread takes longer than it spares: about 0.1 ms. */
    public static final long FLOATS_MIN = 1L << 18;

    /** How often the caller looks for the end of the others' last turns before it sleeps. */
    private static final int SPINS = 1000;

    private Parallel() {}

    /**
     * Runs the turns 0 to {@code turns} − 1, in any order and at the same time, and returns when
     * all are done. If a turn throws, those that have not begun are left out, and what it threw is
     * thrown here once the others are done.
     *
     * @param floats that all turns go over; few are gone over in order, by the caller alone
     */
    public static void forEach(int turns, long floats, IntConsumer turn) {
        var helpers = Math.min(turns - 1, ForkJoinPool.getCommonPoolParallelism());
        if (helpers < 1 || floats < FLOATS_MIN) {
            for (var i = 0; i < turns; i++) {
                turn.accept(i);
            }
            return;
        }
        var loop = new Loop(turns, turn);
        for (var i = 0; i < helpers; i++) {
            ForkJoinPool.commonPool().execute(loop);
        }
        loop.run();
        loop.await();
    }

    /** A loop that several threads take turns of; it ends even if none but the caller does. */
    private static final class Loop implements Runnable {
        private final int turns;
        private final IntConsumer turn;
        private final Thread caller = Thread.currentThread();
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger over = new AtomicInteger();
        private final AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();

        Loop(int turns, IntConsumer turn) {
            this.turns = turns;
            this.turn = turn;
        }

        @Override
        public void run() {
            for (var i = next.getAndIncrement(); i < turns; i = next.getAndIncrement()) {
                try {
                    if (thrown.get() == null) {
                        turn.accept(i);
                    }
                } catch (RuntimeException | Error e) {
                    thrown.compareAndSet(null, e);
                }
                if (over.incrementAndGet() == turns) {
                    LockSupport.unpark(caller);
                }
            }
        }

        void await() {
            for (var spins = 0; over.get() < turns; spins++) {
                if (spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                }
            }
            switch (thrown.get()) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new AssertionError(e);
            }
        }
    }
}
