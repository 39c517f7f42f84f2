package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.SteppedWeights;
import dev.tutti.common.optim.TensorLayout;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.Patience;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.SimulatedClock;
import dev.tutti.common.step.simulation.SimulatedCluster;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The laws of docs/TESTING.md over the real machines: under every fault the weights are those of
 * one worker.
 */
class ClusterLawsTest {
    private static final long STEPS = 14;
    private static final int SHARDS = 5;
    private static final Scenario STANDARD = Scenario.standard();

    private static final float[] ALONE = SimulatedCluster.undisturbed(STANDARD);

    @ParameterizedTest
    @CsvSource({"2,1,true", "1,2,false", "3,1,false", "1,3,true", "4,2,false", "7,1,false"})
    void anyNumberOfWorkersTrainsTheSameBits(int processes, int workers, boolean inPlace) {
        for (var seed = 1; seed <= 5; seed++) {
            var cluster = cluster(seed);
            for (var i = 0; i < processes; i++) {
                cluster.join(workers, inPlace);
            }
            cluster.run();
            assertThat(cluster.weights()).as("seed %d", seed).isEqualTo(ALONE);
            assertLedgerIsExact(cluster);
        }
    }

    /**
     * Law 1. Shards here have 3 or 4 samples, and 1 or 2 in an epoch's last batch: a mean of shard
     * means would weigh the samples unequally.
     */
    @Test
    void unevenShardsAverageAsTheWholeBatchDoes() {
        assertClose(ALONE, withoutShards(STANDARD.spec()));
    }

    private static void assertClose(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (var i = 0; i < expected.length; i++) {
            assertThat(found[i])
                    .as("weight %d", i)
                    .isCloseTo(expected[i], within(1e-5f + 1e-4f * Math.abs(expected[i])));
        }
    }

    /** An epoch has 72 training samples: its last batch has 2 of 14, for 5 shards. */
    @Test
    void shardsWithoutSamplesAddNothing() {
        var spec = Scenario.spec(14, SHARDS);
        var expected = withoutShards(spec);
        var cluster = new SimulatedCluster(STANDARD.with(spec), 1);
        cluster.join(2, false);
        cluster.join(1, true);
        cluster.run();
        assertThat(cluster.history(Decision.EpochEnded.class))
                .allMatch(ended -> ended.entry().exact());
        assertClose(cluster.weights(), expected);
    }

    static List<String> optimizers() {
        return Optimizers.CATALOGUE.names();
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void everyOptimizerTakesTheSameBitsFromAnyWorkersInAnyChunks(String name) {
        var scenario = STANDARD.with(name + "(rate=0.05)");
        var expected = trained(scenario, 1);
        assertThat(expected).doesNotContain(Float.NaN);
        for (var workers : new int[] {2, 4}) {
            assertThat(trained(scenario, workers)).as("%d workers", workers).isEqualTo(expected);
        }
        for (var floats : new int[] {3, 1 << 17}) {
            assertThat(trained(scenario.withChunks(floats), 3))
                    .as("chunks of %d", floats)
                    .isEqualTo(expected);
        }
    }

    private static float[] trained(Scenario scenario, int workers) {
        var cluster = new SimulatedCluster(scenario, workers);
        for (var i = 0; i < workers; i++) {
            cluster.join(1, i == 0);
        }
        cluster.run();
        return cluster.weights();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 8, 13})
    void aWorkerThatDiesCostsNoBit(long step) {
        for (var seed = 1; seed <= 10; seed++) {
            var cluster = cluster(seed);
            cluster.join(1, false);
            var victim = cluster.join(2, false);
            cluster.runToStep(step);
            cluster.runFor(3L * seed);
            victim.kill(false);
            cluster.run();
            assertThat(cluster.weights()).as("seed %d", seed).isEqualTo(ALONE);
            assertLedgerIsExact(cluster);
        }
    }

    @Test
    void aProcessThatFallsSilentIsNamedAndItsShardsMove() {
        for (var seed = 1; seed <= 5; seed++) {
            var cluster = cluster(seed);
            var silent = cluster.join(1, false);
            cluster.join(1, false);
            cluster.runToStep(4);
            silent.stop();
            cluster.run();
            assertThat(cluster.weights()).as("seed %d", seed).isEqualTo(ALONE);
            assertThat(cluster.history(Decision.Drop.class))
                    .singleElement()
                    .satisfies(drop -> {
                        assertThat(drop.process()).isEqualTo(new ProcessId(0));
                        assertThat(drop.reason())
                                .contains("worker 0")
                                .contains("no heartbeat or message for");
                    });
        }
    }

    @Test
    void aCoordinatorThatWasStoppedKeepsItsMembers() {
        for (var seed = 1; seed <= 5; seed++) {
            var cluster = cluster(seed);
            cluster.join(1, false);
            cluster.join(2, false);
            cluster.runToStep(4);
            cluster.stopCoordinator(Duration.ofMinutes(seed));
            cluster.run();
            assertThat(cluster.weights()).as("seed %d", seed).isEqualTo(ALONE);
            assertThat(cluster.history(Decision.Drop.class)).as("seed %d", seed).isEmpty();
        }
    }

    @Test
    void aWorkerThatIsAliveButComputesNothingIsRelievedAndInTheEndLost() {
        var cluster = cluster(3);
        var stuck = cluster.join(1, false);
        cluster.join(1, false);
        cluster.runToStep(4);
        stuck.hangs = true;
        stuck.touch();
        cluster.run();
        assertThat(cluster.weights()).isEqualTo(ALONE);
        assertThat(cluster.history(Decision.Note.class))
                .anyMatch(note ->
                        note.line().startsWith("straggling: step 4")
                                && note.line().contains("worker 0"));
        assertLedgerIsExact(cluster);
    }

    @Test
    void aWorkerThatJoinsLateGetsWorkFromTheNextStepOn() {
        var cluster = cluster(1);
        cluster.join(1, false);
        cluster.runToStep(5);
        cluster.join(1, true);
        cluster.run();
        assertThat(cluster.weights()).isEqualTo(ALONE);
        var late = new WorkerId(1);
        var reports = cluster.history(Decision.StepTaken.class);
        assertThat(reports)
                .filteredOn(taken -> taken.report().step() > 7)
                .allMatch(taken -> computedBy(taken, late));
        assertThat(reports)
                .filteredOn(taken -> taken.report().step() <= 5)
                .noneMatch(taken -> computedBy(taken, late));
    }

    @Test
    void allWorkersMayGoAndOthersCome() {
        var cluster = cluster(3);
        var first = cluster.join(2, false);
        cluster.runToStep(6);
        first.kill(false);
        cluster.runFor(50);
        cluster.join(3, false);
        cluster.run();
        assertThat(cluster.weights()).isEqualTo(ALONE);
        assertLedgerIsExact(cluster);
    }

    @Test
    void aRunWithoutWorkersEndsWithAReason() {
        var cluster = cluster(1);
        cluster.run();
        assertThat(cluster.history(Decision.Aborted.class))
                .singleElement()
                .satisfies(aborted -> {
                    assertThat(aborted.kind()).isEqualTo(Decision.Failure.NO_WORKERS);
                    assertThat(aborted.reason()).contains("0 ready, 1 needed");
                });
    }

    @Test
    void aGradientThatIsNotFiniteIsComputedAgainElsewhere() {
        var cluster = cluster(2);
        cluster.join(1, false);
        cluster.join(1, false);
        var poisoned = new AtomicInteger();
        cluster.poison(message ->
                message instanceof ToCoordinator.Contribution(var lease, _, _, _, _)
                        && lease.work().step() == 3
                        && lease.worker().number() == 1
                        && poisoned.getAndIncrement() == 0);
        cluster.run();
        assertThat(poisoned.get()).isPositive();
        assertThat(cluster.weights()).isEqualTo(ALONE);
        assertThat(cluster.history(Decision.Note.class))
                .anyMatch(note ->
                        note.line().contains("gradient of step 3") && note.line().contains("NaN"));
    }

    @Test
    void aGradientThatIsNeverFiniteEndsTheRunAndChangesNothing() {
        var undisturbed = cluster(2);
        undisturbed.join(1, false);
        undisturbed.runToStep(3);
        var cluster = cluster(2);
        cluster.join(1, false);
        cluster.join(1, false);
        cluster.poison(message ->
                message instanceof ToCoordinator.Contribution(var lease, _, _, _, _)
                        && lease.work().step() == 3
                        && lease.shards().contains(new ShardRange(0, 1)));
        cluster.run();
        assertThat(cluster.history(Decision.Aborted.class))
                .singleElement()
                .satisfies(aborted -> {
                    assertThat(aborted.kind()).isEqualTo(Decision.Failure.DIVERGED);
                    assertThat(aborted.reason())
                            .contains("step 3")
                            .contains("NaN")
                            .contains("try a lower rate");
                });
        assertThat(cluster.weights()).isEqualTo(undisturbed.weights());
    }

    @Test
    void aGradientThatIsNotFiniteBeforeTheFirstUpdateIsNotBlamedOnTheRate() {
        var cluster = cluster(2);
        cluster.join(1, false);
        cluster.join(1, false);
        cluster.poison(message ->
                message instanceof ToCoordinator.Contribution(var lease, _, _, _, _)
                        && lease.work().step() == 0
                        && lease.shards().contains(new ShardRange(0, 1)));
        cluster.run();
        assertThat(cluster.history(Decision.Aborted.class))
                .singleElement()
                .satisfies(aborted ->
                        assertThat(aborted.reason())
                                .contains("the rate is not the cause")
                                .contains("--standardize")
                                .doesNotContain("lower rate"));
    }

    @Test
    void lateAndForeignContributionsNeverMoveTheWeights() {
        var cluster = cluster(4);
        var process = cluster.join(1, false);
        cluster.join(1, false);
        cluster.runToStep(5);
        var before = cluster.weights();
        var values = Floats.allocate(Arena.ofAuto(), 10);
        for (var step = 0; step < STEPS; step++) {
            for (var attempt = 1; attempt < 3; attempt++) {
                var lease =
                        new Lease(
                                new Work.Train(step),
                                new ShardRange(0, 2),
                                attempt,
                                new WorkerId(0));
                cluster.deliver(
                        process,
                        new ToCoordinator.Contribution(
                                lease, Totals.NONE, 1, 0, Payload.of(values)));
            }
        }
        assertThat(cluster.weights()).isEqualTo(before);
        assertThat(cluster.history(Decision.Rejected.class))
                .hasSize(2 * (int) STEPS)
                .allMatch(rejected -> rejected.rejection().kind() == Rejection.Kind.STALE);
        cluster.run();
        assertThat(cluster.weights()).isEqualTo(ALONE);
    }

    @Test
    void eachEvaluationAndTheTestPartAreCountedWhole() {
        var cluster = cluster(1);
        cluster.join(3, false);
        cluster.run();
        var evaluated = cluster.history(Decision.PartEvaluated.class);
        assertThat(evaluated).allMatch(part -> part.totals().samples() == Scenario.SAMPLES / 10);
        assertThat(evaluated.getLast().part()).isEqualTo(Part.TEST);
        assertThat(evaluated)
                .filteredOn(part -> part.part() == Part.VALIDATION)
                .extracting(Decision.PartEvaluated::step)
                .containsExactly(5L, 10L, 14L);
    }

    @Test
    void patienceEndsTheRunWithTheBestWeights() {
        var stopping = new EarlyStopping(OptionalDouble.empty(), OptionalInt.of(2));
        var cluster = cluster(1, stopping, 400);
        cluster.join(2, false);
        cluster.run();
        var validated =
                cluster.history(Decision.PartEvaluated.class).stream()
                        .filter(part -> part.part() == Part.VALIDATION)
                        .toList();
        var best =
                validated.stream()
                        .min(Comparator.comparingDouble(part -> part.totals().meanLoss()))
                        .orElseThrow();
        assertThat(validated).hasSizeLessThan(80);
        assertThat(validated.getLast().step()).isEqualTo(best.step() + 10);
        var test = cluster.history(Decision.PartEvaluated.class).getLast();
        assertThat(test.part()).isEqualTo(Part.TEST);
        assertThat(test.step()).isEqualTo(best.step());
        var same = cluster(2, EarlyStopping.NEVER, best.step());
        same.join(1, true);
        same.run();
        assertThat(cluster.weights()).isEqualTo(same.weights());
    }

    @Test
    void aLossBelowTheThresholdEndsTheRun() {
        var stopping = new EarlyStopping(OptionalDouble.of(1.0), OptionalInt.empty());
        var cluster = cluster(1, stopping, 400);
        cluster.join(2, false);
        cluster.run();
        var validated =
                cluster.history(Decision.PartEvaluated.class).stream()
                        .filter(part -> part.part() == Part.VALIDATION)
                        .toList();
        assertThat(validated.getLast().totals().meanLoss()).isLessThan(1.0);
        assertThat(validated.subList(0, validated.size() - 1))
                .allMatch(part -> part.totals().meanLoss() >= 1.0);
        assertThat(cluster.history(Decision.StepTaken.class)).hasSizeLessThan(400);
    }

    @Test
    void anIdleWorkerRelievesAStragglerAndTheFirstResultCounts() {
        var cluster = new SimulatedCluster(STANDARD.with(eager()), 6);
        var slow = cluster.join(1, false);
        cluster.join(1, false);
        cluster.join(1, false);
        cluster.runToStep(6);
        slow.slowness = 3_000;
        cluster.run();
        cluster.requireLaws();
        assertThat(cluster.weights()).isEqualTo(ALONE);
        assertThat(cluster.history(Decision.Drop.class)).isEmpty();
        assertThat(cluster.history(Decision.Note.class))
                .anyMatch(note ->
                        note.line().startsWith("straggling: step 6")
                                && note.line().contains("worker 0")
                                && note.line().contains("median"));
    }

    @Test
    void aWorkerThatIsTwiceAsFastGetsTwiceTheShards() {
        var cluster = new SimulatedCluster(STANDARD.with(Scenario.spec(36, 12)), 2);
        var slow = cluster.join(1, false);
        cluster.join(1, false);
        slow.slowness = 2;
        cluster.run();
        var last = cluster.history(Decision.StepTaken.class).getLast().report();
        var bySlow =
                last.shares().stream()
                        .filter(share -> share.worker().equals(new WorkerId(0)))
                        .mapToInt(share -> share.shards().size())
                        .sum();
        assertThat(bySlow).isBetween(3, 5);
    }

    @Test
    void aProcessThatIsToldToEndFinishesOrReturnsItsLeasesAndIsNotLost() {
        for (var seed = 1; seed <= 10; seed++) {
            var cluster = cluster(seed);
            var leaver = cluster.join(2, false);
            cluster.join(1, false);
            cluster.runToStep(3);
            cluster.runFor(3L * seed);
            leaver.leave();
            cluster.run();
            cluster.requireLaws();
            assertThat(cluster.weights()).as("seed %d", seed).isEqualTo(ALONE);
            assertThat(cluster.history(Decision.Drop.class)).as("seed %d", seed).isEmpty();
            assertThat(cluster.history(Decision.Depart.class))
                    .as("seed %d", seed)
                    .singleElement()
                    .satisfies(depart ->
                            assertThat(depart.reason())
                                    .contains("left in order")
                                    .contains("workers 0, 1"));
            assertThat(leaver.isAlive()).isFalse();
        }
    }

    @Test
    void theRunPausesBelowTheWorkersThatItNeedsAndSaysHowLong() {
        var cluster = new SimulatedCluster(STANDARD.with(needing(2)), 1);
        var first = cluster.join(1, false);
        cluster.join(1, false);
        cluster.runToStep(4);
        first.kill(false);
        cluster.runFor(20_000);
        assertThat(cluster.version()).isLessThanOrEqualTo(5);
        assertThat(cluster.history(Decision.Warning.class))
                .extracting(Decision.Warning::line)
                .contains("paused: 1 workers ready, 2 needed; waiting up to 120 s");
        cluster.join(1, false);
        cluster.run();
        assertThat(cluster.weights()).isEqualTo(ALONE);
    }

    @Test
    void aPauseThatIsTooLongEndsTheRunWithAReason() {
        var cluster = new SimulatedCluster(STANDARD.with(needing(2)), 1);
        var first = cluster.join(1, false);
        cluster.join(1, false);
        cluster.runToStep(4);
        first.kill(false);
        cluster.run();
        assertThat(cluster.history(Decision.Aborted.class))
                .singleElement()
                .satisfies(aborted ->
                        assertThat(aborted.reason())
                                .isEqualTo("waited 120 s for workers: 1 ready, 2 needed"));
    }

    @Test
    void aProcessWhoseResultsAreBadAgainAndAgainIsKeptAwayForAWhile() {
        var cluster = cluster(5);
        cluster.join(1, false);
        cluster.join(1, false);
        cluster.poison(message ->
                message instanceof ToCoordinator.Contribution(var lease, _, _, _, _)
                        && lease.worker().equals(new WorkerId(1)));
        cluster.run();
        assertThat(cluster.weights()).isEqualTo(ALONE);
        assertThat(cluster.history(Decision.Drop.class))
                .singleElement()
                .satisfies(drop ->
                        assertThat(drop.reason())
                                .contains("worker 1")
                                .contains("quarantined for 5.0 s")
                                .contains("failed 3 times, the last time: gradient of step"));
        assertThat(cluster.history(Decision.Refuse.class))
                .isNotEmpty()
                .allMatch(refuse ->
                        refuse.rejection().kind() == Rejection.Kind.QUARANTINED
                                && refuse.rejection().detail().contains("pid 1"));
    }

    /** Law 6. */
    @Test
    void aCoordinatorThatCrashesBetweenStepAndBroadcastLosesNothing() {
        for (var step = 1L; step < STEPS; step++) {
            var crash = step;
            var cluster = cluster(step);
            cluster.join(2, false);
            cluster.join(1, false);
            cluster.crashAfterStep(taken -> taken == crash, 5 * SimulatedClock.SECOND);
            cluster.run();
            cluster.requireLaws();
            assertThat(cluster.weights()).as("crash after step %d", step).isEqualTo(ALONE);
            assertThat(cluster.history(Decision.Admitted.class)).hasSizeGreaterThan(2);
        }
    }

    /** Law 6: the best weights and the patience survive, too. */
    @Test
    void earlyStoppingSurvivesACrashOfTheCoordinator() {
        var stopping = new EarlyStopping(OptionalDouble.empty(), OptionalInt.of(2));
        var undisturbed = cluster(1, stopping, 400);
        undisturbed.join(2, false);
        undisturbed.run();
        for (var step : new long[] {5, 8, 14, 20}) {
            var cluster = cluster(step, stopping, 400);
            cluster.join(2, false);
            cluster.crashAfterStep(taken -> taken == step, SimulatedClock.SECOND);
            cluster.run();
            cluster.requireLaws();
            assertThat(cluster.weights())
                    .as("crash after step %d", step)
                    .isEqualTo(undisturbed.weights());
        }
    }

    /** Law 7: what a coordinator holds follows from credit and leases, not from steps or model. */
    @Test
    void payloadsAreBoundedByCreditAndAllGivenBack() {
        for (var seed = 1; seed <= 5; seed++) {
            var cluster = cluster(seed);
            for (var i = 0; i < 5; i++) {
                cluster.join(1, false);
            }
            cluster.run();
            assertThat(cluster.loans().most())
                    .as("seed %d", seed)
                    .isPositive()
                    .isLessThanOrEqualTo(SHARDS * MemberLimits.STANDARD.creditChunks());
            assertThat(cluster.loans().outstanding()).as("seed %d", seed).isZero();
            assertThat(cluster.processes()).allMatch(process -> process.lent() == 0);
        }
    }

    private static Limits needing(int workers) {
        return Limits.standard(workers)
                .with(
                        workers,
                        false,
                        MemberLimits.SILENCE,
                        MemberLimits.LEASE,
                        Duration.ofMinutes(2));
    }

    private static Limits eager() {
        return Limits.standard(1)
                .with(
                        1,
                        false,
                        MemberLimits.SILENCE,
                        Patience.ofSeconds(0.1, 120),
                        Duration.ofMinutes(2));
    }

    private static boolean computedBy(Decision.StepTaken taken, WorkerId worker) {
        return taken.report().shares().stream().anyMatch(share -> share.worker().equals(worker));
    }

    private static void assertLedgerIsExact(SimulatedCluster cluster) {
        var ledger = cluster.history(Decision.EpochEnded.class);
        assertThat(ledger).isNotEmpty().allMatch(ended -> ended.entry().exact());
        assertThat(ledger.stream().mapToLong(ended -> ended.entry().samplesCounted()).sum())
                .isEqualTo(2 * 72 + 4 * 16);
    }

    /** The same training as plain batch SGD: one gradient over the whole batch, divided once. */
    private static float[] withoutShards(RunSpec spec) {
        var arena = Arena.ofAuto();
        var model = spec.buildModel();
        var loss = Losses.CATALOGUE.parse(spec.loss());
        var optimizer = Optimizers.CATALOGUE.parse(Scenario.OPTIMIZER);
        var state = TrainingState.allocate(arena, model, optimizer.slotCount(), Precision.FP32);
        model.initialize(Initializers.CATALOGUE.parse("he-normal"), spec.seed(), state.weights());
        var plan = new SamplePlan(spec, Scenario.DATA);
        var workspace = new Workspace(arena, model, loss, spec.batch());
        var gradient = Floats.allocate(arena, model.vectorLength());
        for (var step = 0L; step < STEPS; step++) {
            var batch = plan.slice(new Work.Train(step), new ShardRange(0, SHARDS));
            batch.gather(Scenario.DATA, loss, Scenario.CLASSES, workspace);
            model.lossAndGradient(
                    new PlainKernel(),
                    loss,
                    state.weights(),
                    workspace,
                    batch.count(),
                    PassContext.EVALUATION,
                    gradient);
            Floats.divide(batch.count(), gradient);
            UpdateRule.of(optimizer)
                    .apply(
                            step,
                            TensorLayout.of(model),
                            GradientSum.of(gradient, 1),
                            state.slots(),
                            SteppedWeights.inPlace(state.weights()));
        }
        return Floats.toArray(state.weights());
    }

    private static SimulatedCluster cluster(long seed) {
        return new SimulatedCluster(STANDARD, seed);
    }

    private static SimulatedCluster cluster(long seed, EarlyStopping stopping, long steps) {
        return new SimulatedCluster(STANDARD.with(stopping, steps), seed);
    }
}
