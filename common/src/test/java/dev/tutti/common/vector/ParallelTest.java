package dev.tutti.common.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelTest {
    private static final long MANY = Parallel.FLOATS_MIN;
    private static final int WAIT_SECONDS = 20;

    @Test
    void everyTurnIsTakenOnce() {
        for (var turns = 0; turns < 200; turns++) {
            var taken = new AtomicIntegerArray(turns);
            Parallel.forEach(turns, MANY, taken::incrementAndGet);
            for (var i = 0; i < turns; i++) {
                assertThat(taken.get(i)).as("turn %d of %d", i, turns).isEqualTo(1);
            }
        }
    }

    @Test
    void fewFloatsAreGoneOverByTheCallerInOrder() {
        var order = new StringBuilder();
        Parallel.forEach(
                4, MANY - 1, i -> order.append(i).append(Thread.currentThread().getName()));
        var name = Thread.currentThread().getName();
        assertThat(order).hasToString("0" + name + "1" + name + "2" + name + "3" + name);
    }

    @Test
    void nothingIsRunningAnyMoreWhenItReturns() {
        for (var round = 0; round < 200; round++) {
            var running = new AtomicInteger();
            Parallel.forEach(
                    9,
                    MANY,
                    _ -> {
                        running.incrementAndGet();
                        Thread.onSpinWait();
                        running.decrementAndGet();
                    });
            assertThat(running).hasValue(0);
        }
    }

    @Test
    void whatATurnThrowsComesOutOnceAllOthersAreOver() {
        var begun = new AtomicInteger();
        assertThatThrownBy(() ->
                        Parallel.forEach(
                                100_000,
                                MANY,
                                i -> {
                                    begun.incrementAndGet();
                                    if (i == 3) {
                                        throw new IllegalStateException("turn 3");
                                    }
                                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("turn 3");
        var before = begun.get();
        assertThat(begun).as("after it has returned").hasValue(before);
        assertThatThrownBy(() ->
                        Parallel.forEach(
                                3,
                                MANY,
                                _ -> {
                                    throw new OutOfMemoryError("all turns");
                                }))
                .isInstanceOf(OutOfMemoryError.class);
    }

    /** Callers that are themselves threads of the pool may not wait for each other. */
    @Test
    void loopsInsideLoopsEnd() {
        var taken = new AtomicInteger();
        Parallel.forEach(8, MANY, _ -> Parallel.forEach(8, MANY, _ -> taken.incrementAndGet()));
        assertThat(taken).hasValue(64);
    }

    @Test
    void severalCallersAtATime() throws InterruptedException {
        var taken = new AtomicInteger();
        var done = new CountDownLatch(4);
        IntStream.range(0, 4)
                .forEach(_ ->
                        Thread.ofPlatform()
                                .daemon()
                                .start(() -> {
                                    Parallel.forEach(500, MANY, _ -> taken.incrementAndGet());
                                    done.countDown();
                                }));
        assertThat(done.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(taken).hasValue(2000);
    }
}
