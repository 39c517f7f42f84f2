package dev.tutti.common.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.random.Seeds;
import dev.tutti.common.sync.order.Clock;
import dev.tutti.common.sync.order.Clocks;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.Task;
import dev.tutti.common.sync.order.TaskTimes;
import dev.tutti.common.sync.order.Virtual;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every mode of the catalogue keeps, whatever its tasks. */
class SyncModeLawsTest {
    private static final int WORKERS = 7;
    private static final int STEPS = 120;
    private static final long SEED = 20_261_130;

    /** Worker 3 has no sample in one batch of four, as a short batch leaves it. */
    private static final TaskTimes.Samples SAMPLES =
            (worker, batch) -> worker == 3 && batch % 4 == 3 ? 0 : 2;

    /** Each entry of the catalogue with some of its settings; a new one fails until it is here. */
    static Stream<SyncMode> modes() {
        return Stream.of(
                        "synchronous",
                        "backup(0)",
                        "backup(1)",
                        "backup(5)",
                        "stale(0)",
                        "stale(1)",
                        "stale(8)",
                        "asynchronous",
                        "asynchronous(4)",
                        "asynchronous(20)",
                        "dc-asgd",
                        "dc-asgd(2,adaptive=true)",
                        "post-local(5,from=0,rate=0.1)",
                        "post-local(5,from=30,rate=0.1)",
                        "local(1,rate=0.1)",
                        "local(6,rate=0.1)",
                        "diloco(3,inner=sgd(rate=0.1))")
                .map(SyncModes.CATALOGUE::parse);
    }

    static Stream<String> names() {
        return SyncModes.CATALOGUE.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyEntryIsHeldToTheLaws(String name) {
        assertThat(modes().map(SyncModes.CATALOGUE::format))
                .anyMatch(text -> text.startsWith(name));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void theScheduleIsAFunctionOfTextAndSeed(SyncMode mode) {
        assertThat(steps(mode, times(SEED))).isEqualTo(steps(mode, times(SEED)));
        var again = SyncModes.CATALOGUE.parse(SyncModes.CATALOGUE.format(mode));
        assertThat(steps(again, times(SEED))).isEqualTo(steps(mode, times(SEED)));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void aTimelineReturnsAnyStepInAnyOrder(SyncMode mode) {
        var steps = steps(mode, times(SEED));
        var timeline = new Timeline(mode, times(SEED));
        var random = Seeds.of(SEED, "steps");
        for (var i = 0; i < 50; i++) {
            var step = random.nextInt(STEPS);
            assertThat(timeline.step(step)).as("step %d", step).isEqualTo(steps.get(step));
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void timeNeverGoesBack(SyncMode mode) {
        assertThat(steps(mode, times(SEED)).stream().map(StepTasks::nanos)).isSorted();
    }

    /** A step needs nothing that was not begun by then, and nothing twice. */
    @ParameterizedTest
    @MethodSource("modes")
    void everyTaskIsBegunOnceWithTheWeightsOfItsVersionAndUsedAtMostOnce(SyncMode mode) {
        var begun = new HashSet<Task>();
        var used = new HashSet<Task>();
        var steps = steps(mode, times(SEED));
        for (var step = 0; step < STEPS; step++) {
            for (var task : steps.get(step).begun()) {
                assertThat(task.version()).isEqualTo(step);
                assertThat(begun.add(task)).as("%s is begun once", task).isTrue();
            }
            assertThat(steps.get(step).tasks()).isNotEmpty();
            for (var task : steps.get(step).tasks()) {
                assertThat(begun).contains(task);
                assertThat(used.add(task)).as("%s is used once", task).isTrue();
                assertThat(task.staleness(step)).isNotNegative();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void aWorkerComputesItsBatchesInOrderAndNoneWithoutSamples(SyncMode mode) {
        var last = new TreeMap<Integer, Long>();
        for (var step : steps(mode, times(SEED))) {
            for (var task : step.begun()) {
                assertThat(SAMPLES.count(task.worker(), task.batch())).isPositive();
                var before = last.put(task.worker(), task.batch());
                assertThat(task.batch()).isGreaterThan(before == null ? -1 : before);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void aStepHasItsNumberOfTasks(SyncMode mode) {
        if (mode instanceof Backup(var k)) {
            var steps = steps(mode, times(SEED));
            for (var at = 0; at < STEPS; at++) {
                var batch = at;
                var withSamples =
                        IntStream.range(0, WORKERS)
                                .filter(worker -> SAMPLES.count(worker, batch) > 0)
                                .count();
                assertThat(steps.get(at).tasks()).hasSize((int) Math.min(WORKERS - k, withSamples));
                assertThat(steps.get(at).begun()).isEqualTo(steps.get(at).tasks());
            }
        } else if (!mode.isWhole()) {
            assertThat(steps(mode, times(SEED)))
                    .allSatisfy(
                            step -> assertThat(step.tasks()).hasSize(mode.tasksOfStep(WORKERS)));
        }
    }

    /** A mode that says so has all workers, on the newest weights, in every step. */
    @ParameterizedTest
    @MethodSource("modes")
    void aWholeModeWaitsForAll(SyncMode mode) {
        var times = new TaskTimes(WORKERS, clock(), SEED, 1000, (_, _) -> 1);
        for (var step : steps(mode, times)) {
            var isWhole =
                    step.tasks().stream()
                                    .map(Task::worker)
                                    .toList()
                                    .equals(IntStream.range(0, WORKERS).boxed().toList())
                            && step.begun().equals(step.tasks());
            assertThat(isWhole).isEqualTo(mode.isWhole());
        }
    }

    /** Ho et al. 2013: the bound is on how many batches workers have computed. */
    @Test
    void staleNeverLetsAWorkerGetTooFarAhead() {
        for (var s = 1; s <= 5; s++) {
            var done = new long[WORKERS];
            var begun = new long[WORKERS];
            var furthest = 0L;
            for (var step : steps(new Stale(s), times(SEED))) {
                // Tasks begun with these weights began before the step's gradient came, or with it.
                for (var task : step.begun()) {
                    begun[task.worker()]++;
                }
                for (var task : step.tasks()) {
                    done[task.worker()]++;
                }
                var slowest = IntStream.range(0, WORKERS).mapToLong(i -> done[i]).min().orElse(0);
                for (var worker = 0; worker < WORKERS; worker++) {
                    assertThat(begun[worker] - 1 - slowest).isLessThanOrEqualTo(s);
                    furthest = Math.max(furthest, begun[worker] - 1 - slowest);
                }
            }
            assertThat(furthest).as("the bound of %d is reached", s).isEqualTo(s);
        }
    }

    @Test
    void backupDropsTheSlowest() {
        var times = times(SEED);
        for (var step = 0; step < STEPS; step++) {
            var at = step;
            var tasks = new Timeline(new Backup(2), times).step(step).tasks();
            var slowestUsed =
                    tasks.stream().mapToLong(task -> times.nanos(task.worker(), at)).max();
            var fasterOnes =
                    IntStream.range(0, WORKERS)
                            .filter(worker -> SAMPLES.count(worker, at) > 0)
                            .filter(worker -> times.nanos(worker, at) < slowestUsed.orElseThrow())
                            .count();
            assertThat(fasterOnes).isEqualTo(tasks.size() - 1L);
        }
    }

    @Test
    void asynchronousTrainingOfOneWorkerIsSynchronous() {
        var times = new TaskTimes(1, clock(), SEED, 1000, (_, _) -> 1);
        var synchronous = steps(new Synchronous(), times);
        assertThat(steps(new Asynchronous(1, true), times)).isEqualTo(synchronous);
        assertThat(steps(new Stale(3), times)).isEqualTo(synchronous);
    }

    /** Modes that differ in what is made of the gradients alone have one schedule. */
    @Test
    void compensationAndTheChangeToLocalStepsAskForNoOtherSchedule() {
        assertThat(steps(new DcAsgd(0.04, false, 0.95), times(SEED)))
                .isEqualTo(steps(new Asynchronous(1, true), times(SEED)));
        assertThat(steps(new PostLocal(5, 0, 0.1), times(SEED)))
                .isEqualTo(steps(new Local(5, 0.1), times(SEED)));
        assertThat(steps(new PostLocal(5, STEPS, 0.1), times(SEED)))
                .isEqualTo(steps(new Synchronous(), times(SEED)));
    }

    /** With W workers of one speed, a gradient meets W − 1 steps of the others. */
    @Test
    void equalWorkersHaveAStalenessOfTheirNumber() {
        var times = new TaskTimes(WORKERS, new Virtual(1, 0, 0, 1, 0, 0), SEED, 0, (_, _) -> 1);
        var steps = steps(new Asynchronous(1, true), times);
        for (var step = WORKERS; step < STEPS; step++) {
            assertThat(steps.get(step).tasks().getFirst().staleness(step)).isEqualTo(WORKERS - 1);
        }
    }

    @Test
    void dampingDividesByTheStaleness() {
        var damped = new Asynchronous(1, true);
        assertThat(List.of(damped.weight(0), damped.weight(1), damped.weight(4)))
                .containsExactly(1.0, 1.0, 0.25);
        assertThat(new Asynchronous(1, false).weight(4)).isEqualTo(1);
    }

    @Test
    void aClockAddsUpComputingAndTravelling() {
        var clock = new Virtual(0.5, 0, 1, 10, 1, 0.25);
        assertThat(clock.computeNanos(1, 0, 0)).isEqualTo(5_000_000_000L);
        assertThat(clock.computeNanos(1, 1, 0)).isEqualTo(500_000_000L);
        // Twice 0.25 s of latency, and twice 125 MB at 1 Gbit/s.
        assertThat(clock.travelNanos(125_000_000)).isEqualTo(2_500_000_000L);
    }

    @Test
    void theTimesOfAClockAreLogNormal() {
        var clock = new Virtual(0.02, 0.3, 0, 10, 0, 0);
        var sum = 0.0;
        var squares = 0.0;
        var draws = 20_000;
        for (var batch = 0; batch < draws; batch++) {
            var log = Math.log(clock.computeNanos(SEED, 1, batch) / 2e7);
            sum += log;
            squares += log * log;
        }
        // Three standard errors of the mean and of the deviation.
        assertThat(Math.abs(sum / draws)).isLessThan(3 * 0.3 / Math.sqrt(draws));
        assertThat(Math.abs(Math.sqrt(squares / draws) - 0.3))
                .isLessThan(3 * 0.3 / Math.sqrt(2.0 * draws));
    }

    private static TaskTimes times(long seed) {
        return new TaskTimes(WORKERS, clock(), seed, 1000, SAMPLES);
    }

    private static Clock clock() {
        return Clocks.CATALOGUE.parse("virtual(spread=0.8,slow=2,factor=4,link=1,latency=0.001)");
    }

    private static List<StepTasks> steps(SyncMode mode, TaskTimes times) {
        var steps = new ArrayList<StepTasks>();
        var iterator = mode.steps(times);
        while (steps.size() < STEPS) {
            steps.add(iterator.next());
        }
        return steps;
    }
}
