package dev.tutti.proto.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A loop runs what it is given, in order, on its one thread, however long it has waited. */
@Timeout(60)
class EventLoopTest {
    @Test
    void tasksRunInTheOrderOfTheirArrivalOnOneThread() throws Exception {
        var loop = new EventLoop("test-loop");
        var seen = new ConcurrentLinkedQueue<String>();
        IntStream.range(0, 1000)
                .forEach(i -> loop.execute(() -> seen.add(i + Thread.currentThread().getName())));
        loop.shutdown();
        assertThat(loop.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(seen)
                .containsExactlyElementsOf(
                        IntStream.range(0, 1000).mapToObj(i -> i + "test-loop").toList());
    }

    @Test
    void aTaskFromAnotherThreadWakesALoopThatWaits() {
        var loop = new EventLoop("test-loop");
        for (var round = 0; round < 2000; round++) {
            var answer = new CompletableFuture<Integer>();
            var expected = round;
            loop.execute(() -> answer.complete(expected));
            assertThat(answer.join()).isEqualTo(expected);
        }
        loop.shutdown();
    }

    @Test
    void aSourceIsPolledUntilItIsRemoved() {
        var loop = new EventLoop("test-loop");
        var polled = new CompletableFuture<EventLoop>();
        loop.execute(() ->
                EventLoop.current()
                        .add(
                                new EventLoop.Source() {
                                    private int left = 3;

                                    @Override
                                    public boolean poll() {
                                        if (--left == 0) {
                                            EventLoop.current().remove(this);
                                            polled.complete(EventLoop.current());
                                        }
                                        return true;
                                    }
                                },
                                new Bell(Arena.ofAuto().allocate(Bell.BYTES, Bell.BYTES))));
        assertThat(polled.join()).isSameAs(loop);
        loop.shutdown();
    }

    @Test
    void aTaskThatFailsStopsNoOther() {
        var loop = new EventLoop("test-loop");
        var after = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        loop.execute(() -> after.complete(true));
        assertThat(after.join()).isTrue();
        loop.shutdown();
    }

    @Test
    void aStoppedLoopTakesNoTask() {
        var loop = new EventLoop("test-loop");
        loop.shutdown();
        assertThatThrownBy(() -> loop.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessage("test-loop has stopped");
    }

    @Test
    void eachTaskOfAGroupHasALoopOfItsOwn() throws Exception {
        var group = new EventLoops("test-loops");
        var names = new ConcurrentLinkedQueue<String>();
        var ran = new AtomicInteger();
        var tasks =
                IntStream.range(0, 3)
                        .<Runnable>mapToObj(i ->
                                () -> {
                                    names.add(i + Thread.currentThread().getName());
                                    ran.incrementAndGet();
                                })
                        .toList();
        for (var round = 0; round < 5; round++) {
            tasks.forEach(group::execute);
        }
        group.shutdown();
        assertThat(group.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(ran).hasValue(15);
        assertThat(names).containsOnly("0test-loops-0", "1test-loops-1", "2test-loops-2");
    }

    @Test
    void outsideALoopThereIsNoCurrentOne() {
        assertThatThrownBy(EventLoop::current)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is not the thread of an event loop");
    }
}
