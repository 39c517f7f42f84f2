package dev.tutti.common.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.random.Seeds;
import dev.tutti.common.sync.order.ByArrival;
import dev.tutti.common.sync.order.LiveOrder;
import dev.tutti.common.sync.order.Real;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.Task;
import dev.tutti.common.sync.order.TaskTimes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written down of an order that nobody knew before is enough to follow it. */
class LiveOrderTest {
    private static final int WORKERS = 5;
    private static final int STEPS = 60;
    private static final long SEED = 20_261_130;

    private static final TaskTimes TIMES =
            new TaskTimes(
                    WORKERS,
                    new Real(),
                    SEED,
                    1000,
                    (worker, batch) -> worker == 3 && batch % 4 == 3 ? 0 : 2);

    @ParameterizedTest
    @ValueSource(strings = {"asynchronous", "asynchronous(3)", "stale(1)", "stale(4)", "dc-asgd"})
    void aRunThatGoesOnFollowsWhatWasWrittenDown(String text) {
        var mode = SyncModes.CATALOGUE.parse(text).byArrival().orElseThrow();
        for (var seed = 1; seed <= 20; seed++) {
            var random = Seeds.of(SEED, "arrivals", seed);
            var written = steps(new LiveOrder(TIMES, mode, List.of()), 0, random);
            var kept = random.nextInt(STEPS);
            var again = new LiveOrder(TIMES, mode, written.subList(0, kept));
            var others = steps(again, 0, random);
            assertThat(others.subList(0, kept)).isEqualTo(written.subList(0, kept));
            requireBound(mode, others);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"asynchronous", "stale(2)"})
    void anOrderWithAnyOtherTaskIsRefused(String text) {
        var mode = SyncModes.CATALOGUE.parse(text).byArrival().orElseThrow();
        var random = Seeds.of(SEED, "damage");
        var written = steps(new LiveOrder(TIMES, mode, List.of()), 0, random);
        for (var at = 0; at < STEPS; at++) {
            var step = written.get(at);
            var task = step.tasks().getFirst();
            for (var other :
                    List.of(
                            new Task(task.worker() + WORKERS, task.batch(), task.version()),
                            new Task(task.worker(), task.batch() + 1, task.version()),
                            new Task(task.worker(), task.batch(), task.version() + 1))) {
                var damaged = new ArrayList<>(written);
                damaged.set(at, new StepTasks(step.nanos(), List.of(other), step.begun()));
                assertThatThrownBy(() -> new LiveOrder(TIMES, mode, damaged))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("step %d has a task".formatted(at + 1));
            }
        }
    }

    /** Lets gradients come in a drawn order, some of them before their step is asked for. */
    private static List<StepTasks> steps(LiveOrder order, long from, Seeds random) {
        var computing = new ArrayList<Task>();
        var steps = new ArrayList<StepTasks>();
        for (var step = from; step < STEPS; step++) {
            computing.addAll(order.step(step).begun());
            while (order.step(step).tasks().isEmpty() || random.nextInt(4) == 0) {
                if (computing.isEmpty()) {
                    break;
                }
                var arrived = computing.remove(random.nextInt(computing.size()));
                computing.addAll(order.arrived(arrived, 1000 + step));
            }
            steps.add(order.step(step));
        }
        return steps;
    }

    /** Ho et al. 2013, whatever the order: nobody begins too far ahead of the slowest. */
    private static void requireBound(ByArrival mode, List<StepTasks> steps) {
        var done = new long[WORKERS];
        var begun = new long[WORKERS];
        for (var step : steps) {
            if (mode.buffer() == 1) {
                step.begun().forEach(task -> begun[task.worker()]++);
                var slowest = Arrays.stream(done).min().orElseThrow();
                for (var worker = 0; worker < WORKERS; worker++) {
                    assertThat(begun[worker] - 1 - slowest).isLessThanOrEqualTo(mode.ahead());
                }
            }
            step.tasks().forEach(task -> done[task.worker()]++);
            assertThat(step.tasks()).hasSize(mode.buffer());
        }
    }
}
