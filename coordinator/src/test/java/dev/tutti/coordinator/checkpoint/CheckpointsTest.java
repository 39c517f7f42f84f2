package dev.tutti.coordinator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.coordinator.file.Disk;
import dev.tutti.coordinator.file.RunFiles;
import dev.tutti.coordinator.record.RunEvent;
import dev.tutti.coordinator.record.RunEvents;
import dev.tutti.coordinator.record.RunFigures;
import dev.tutti.coordinator.stream.TrafficCounter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a checkpoint is taken, and that training neither waits for it nor changes it. */
class CheckpointsTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir private Path run;

    private final BlockingQueue<CheckpointWriter.Written> ended = new LinkedBlockingQueue<>();
    private final List<String> warnings = new ArrayList<>();
    private final CountDownLatch gate = new CountDownLatch(1);
    private RunFiles files;

    @BeforeEach
    void open() throws IOException {
        files = new RunFiles(run, 0, 0);
    }

    @AfterEach
    void close() throws IOException {
        files.close();
    }

    @Test
    void theFirstIsTakenAtOnceAndTheNextAfterItsSteps() throws Exception {
        var checkpoints = checkpoints("3", Disk.REAL);
        checkpoints.begin(SavedRuns.after(0), false, ended::add, 0);
        finish(checkpoints);
        for (long step = 1; step <= 7; step++) {
            after(checkpoints, step, 0);
            if (checkpoints.isWriting()) {
                finish(checkpoints);
            }
        }
        assertThat(steps()).containsExactly(0L, 3L, 6L);
    }

    @Test
    void timeIsCountedFromTheLastOneAndNothingIsTakenTwice() throws Exception {
        var checkpoints = checkpoints("10s", Disk.REAL);
        checkpoints.begin(SavedRuns.after(5), true, ended::add, 0);
        assertThat(checkpoints.isWriting()).isFalse();
        after(checkpoints, 5, 60 * SECOND);
        assertThat(checkpoints.isWriting()).as("nothing has changed").isFalse();
        after(checkpoints, 6, 60 * SECOND);
        finish(checkpoints);
        after(checkpoints, 7, 69 * SECOND);
        assertThat(checkpoints.isWriting()).isFalse();
        after(checkpoints, 8, 70 * SECOND);
        finish(checkpoints);
        assertThat(steps()).containsExactly(6L, 8L);
    }

    @Test
    void whatIsBeingWrittenIsNotChangedByLaterStepsAndTheNextOneWaits() throws Exception {
        var checkpoints = checkpoints("1", gated());
        var live = SavedRuns.after(1);
        checkpoints.begin(live, false, ended::add, 0);
        Floats.fill(99, live.state().weights());
        after(checkpoints, 2, 0);
        after(checkpoints, 3, 0);
        assertThat(checkpoints.takeLast(SavedRuns.after(3), ended::add, 0)).isFalse();
        gate.countDown();
        finish(checkpoints);
        var state = TrainingState.allocate(Arena.ofAuto(), SavedRuns.MODEL, 1, Precision.FP32);
        StoppedRun.open(run).checkpoint().load(SavedRuns.MODEL, state);
        assertThat(Floats.get(state.weights(), 0)).isEqualTo(1f);
        after(checkpoints, 4, 0);
        finish(checkpoints);
        assertThat(steps()).containsExactly(1L, 4L);
    }

    @Test
    void aDiskThatFailsIsToldOnceAndTriedAgain() throws Exception {
        var broken = new boolean[] {true};
        var checkpoints =
                checkpoints(
                        "1",
                        (file, content) -> {
                            if (broken[0]) {
                                throw new IOException("No space left on device");
                            }
                            Disk.REAL.write(file, content);
                        });
        checkpoints.begin(SavedRuns.after(0), false, ended::add, 0);
        finish(checkpoints);
        after(checkpoints, 1, 0);
        finish(checkpoints);
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("step 0", "No space left on device", "training goes on");
        assertThat(checkpoints.failure()).isPresent();
        broken[0] = false;
        after(checkpoints, 2, 0);
        finish(checkpoints);
        assertThat(checkpoints.failure()).isEmpty();
        assertThat(steps()).containsExactly(2L);
    }

    @Test
    void theLastOneIsTakenUnlessItIsThere() throws Exception {
        var checkpoints = checkpoints("1000", Disk.REAL);
        checkpoints.begin(SavedRuns.after(0), false, ended::add, 0);
        finish(checkpoints);
        assertThat(checkpoints.takeLast(SavedRuns.after(0), ended::add, 0)).isTrue();
        assertThat(checkpoints.isWriting()).isFalse();
        assertThat(checkpoints.takeLast(SavedRuns.after(4), ended::add, 0)).isTrue();
        finish(checkpoints);
        assertThat(steps()).containsExactly(0L, 4L);
    }

    @Test
    void neverMeansNever() throws Exception {
        var checkpoints = checkpoints("never", Disk.REAL);
        checkpoints.begin(SavedRuns.after(0), false, ended::add, 0);
        after(checkpoints, 100, 1000 * SECOND);
        assertThat(checkpoints.takeLast(SavedRuns.after(100), ended::add, 0)).isTrue();
        assertThat(checkpoints.isWriting()).isFalse();
        assertThat(run.resolve("checkpoints")).doesNotExist();
        assertThat(checkpoints.failure()).isPresent();
    }

    @Test
    void intervalsAreStepsSecondsOrBoth() {
        assertThat(CheckpointPolicy.parse("500", 1).everySteps()).isEqualTo(OptionalLong.of(500));
        assertThat(CheckpointPolicy.parse("30s,7", 1))
                .isEqualTo(
                        new CheckpointPolicy(
                                OptionalLong.of(7), Optional.of(Duration.ofSeconds(30)), 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "0", "0s", "-1", "5,6", "30m", "5s,6s", "5,", "99999999999"})
    void anythingElseIsNoInterval(String text) {
        assertThatThrownBy(() -> CheckpointPolicy.parse(text, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Checkpoints checkpoints(String every, Disk disk) {
        var policy = CheckpointPolicy.parse(every, 3);
        return new Checkpoints(
                policy,
                new CheckpointWriter(
                        files,
                        run,
                        disk,
                        policy.kept(),
                        Safekeeping.NONE,
                        new LastWrites(Safekeeping.NONE, run, warnings::add)),
                new RunEvents(List.of(this::keepWarning), new TrafficCounter(0, 0)),
                SavedRuns.MODEL,
                Map.of(),
                RunFigures::new);
    }

    private Disk gated() {
        return (file, content) -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            Disk.REAL.write(file, content);
        };
    }

    private void after(Checkpoints checkpoints, long step, long now) {
        checkpoints.afterEvent(step, () -> SavedRuns.after(step), ended::add, now);
    }

    private void finish(Checkpoints checkpoints) throws InterruptedException {
        var written = ended.poll(1, TimeUnit.MINUTES);
        assertThat(written).as("a write that ends").isNotNull();
        checkpoints.written(written);
    }

    private List<Long> steps() throws IOException {
        try (var all = Files.list(run.resolve("checkpoints"))) {
            return all.map(file -> file.getFileName().toString().replaceAll("\\D", ""))
                    .map(Long::valueOf)
                    .sorted()
                    .toList();
        }
    }

    private void keepWarning(RunEvent event) {
        if (event instanceof RunEvent.Alert alert) {
            warnings.add(alert.line());
        }
    }
}
