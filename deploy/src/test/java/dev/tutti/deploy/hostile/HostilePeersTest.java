package dev.tutti.deploy.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.support.TestRun;
import dev.tutti.proto.access.Access;
import dev.tutti.worker.WorkerOutcome;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Strangers attack the port of a run while two honest workers train: the run must end as if nobody
 * had been there.
 *
 * <p>{@code -Dtutti.fuzz.attacks=10000} and {@code -Dtutti.fuzz.seed=7} make it longer and other.
 */
class HostilePeersTest {
    private static final int ATTACKS = Integer.getInteger("tutti.fuzz.attacks", 1_000);
    private static final long SEED = Long.getLong("tutti.fuzz.seed", 20261122);
    private static final int ATTACKERS = 3;
    private static final int STEPS = 50;
    private static final long MEBIBYTE = 1 << 20;

    @TempDir Path temporary;

    @Test
    void attacksChangeNoBitAndTakeNoMemory() throws IOException, InterruptedException {
        String undisturbed;
        try (var run = run("calm")) {
            undisturbed = finish(run);
        }
        try (var run = run("attacked")) {
            var attacks = new AtomicInteger();
            var done = new Semaphore(0);
            // A step waits for its share of the attacks, so that all of them fall into the run.
            run.atStep.add(step -> awaitShare(step, done));
            var attackers = new Thread[ATTACKERS];
            for (var i = 0; i < ATTACKERS; i++) {
                attackers[i] = new Thread(() -> attack(run.port(), attacks, done), "attacker-" + i);
                attackers[i].start();
            }
            var before = directBytes();
            var digest = finish(run);
            for (var attacker : attackers) {
                attacker.join(TimeUnit.MINUTES.toMillis(5));
                assertThat(attacker.isAlive()).as("attacks end by themselves").isFalse();
            }
            assertThat(digest).as("seed %d", SEED).isEqualTo(undisturbed);
            assertThat(attacks.get()).isGreaterThanOrEqualTo(ATTACKS);
            assertThat(directBytes() - before)
                    .as("seed %d: bytes outside the heap", SEED)
                    .isLessThan(256 * MEBIBYTE);
            assertThat(run.warnings.stream().filter(line -> line.startsWith("refused")))
                    .as("seed %d: the first of a kind, the 10th, the 100th …", SEED)
                    .isNotEmpty()
                    .hasSizeLessThan(60)
                    .allSatisfy(line -> assertThat(line).hasLineCount(1).hasSizeLessThan(1_500));
        }
    }

    private TestRun run(String name) throws IOException {
        return new TestRun(
                temporary.resolve(name), Access.OPEN, 2, "--steps", Integer.toString(STEPS));
    }

    private static String finish(TestRun run) {
        var first = run.worker("127.0.0.1", Access.OPEN);
        var second = run.worker("127.0.0.1", Access.OPEN);
        var summary = run.summary();
        assertThat(first.join().kind()).isEqualTo(WorkerOutcome.Kind.COMPLETE);
        assertThat(second.join().kind()).isEqualTo(WorkerOutcome.Kind.COMPLETE);
        assertThat(summary.figures().ledgerExact()).isTrue();
        return summary.weightsDigest();
    }

    private static void awaitShare(long step, Semaphore done) {
        try {
            var share = (int) (ATTACKS * step / STEPS - ATTACKS * (step - 1) / STEPS);
            if (!done.tryAcquire(share, 2, TimeUnit.MINUTES)) {
                throw new AssertionError("the attacks do not get on, seed " + SEED);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void attack(int port, AtomicInteger attacks, Semaphore done) {
        try (var stranger = new Stranger(port)) {
            for (var i = attacks.getAndIncrement(); i < ATTACKS; i = attacks.getAndIncrement()) {
                stranger.attack(new SplittableRandom(SEED + i));
                done.release();
            }
        }
    }

    private static long directBytes() {
        var buffers =
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
        return buffers + Math.max(0, PlatformDependent.usedDirectMemory());
    }
}
