package dev.tutti.proto.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A bell wakes a thread that sleeps, and one that is about to. */
class BellTest {
    /** Waiting in vain, each of them would take a hundredth of a second: longer than the limit. */
    private static final int ROUNDS = 20_000;

    private final MemorySegment memory = Arena.ofAuto().allocate(2L * Bell.BYTES, Bell.BYTES);

    @Test
    void linuxHasIt() {
        assertThat(Bell.isAvailable()).isEqualTo(System.getProperty("os.name").equals("Linux"));
    }

    @Test
    @Timeout(100)
    void noRingIsMissed() {
        assumeTrue(Bell.isAvailable(), "this system cannot wake a thread of another process");
        var turn = new AtomicInteger();
        var other = CompletableFuture.runAsync(() -> play(turn, 1));
        play(turn, 0);
        other.join();
        assertThat(turn).hasValue(2 * ROUNDS);
    }

    /** Each side has its own view of the two words, as two processes have. */
    private void play(AtomicInteger turn, int side) {
        var own = new Bell(memory.asSlice((long) side * Bell.BYTES));
        var others = new Bell(memory.asSlice((1L - side) * Bell.BYTES));
        for (var round = 0; round < ROUNDS; round++) {
            while (turn.get() % 2 != side) {
                own.sleep(() -> turn.get() % 2 != side);
            }
            turn.incrementAndGet();
            others.ring();
        }
    }

    @Test
    @Timeout(100)
    void aLoopThatSleepsAtABellHearsItAndItsTasks() {
        var seen = new AtomicInteger();
        var written = new AtomicInteger();
        var bell = new Bell(memory);
        var loop = new EventLoop("test-loop");
        loop.execute(() ->
                EventLoop.current().add(() -> seen.getAndSet(written.get()) < written.get(), bell));
        for (var round = 1; round <= ROUNDS; round++) {
            written.set(round);
            bell.ring();
            while (seen.get() < round) {
                Thread.onSpinWait();
            }
            var answer = new CompletableFuture<Integer>();
            var expected = round;
            loop.execute(() -> answer.complete(expected));
            assertThat(answer.join()).isEqualTo(round);
        }
        loop.shutdown();
    }
}
