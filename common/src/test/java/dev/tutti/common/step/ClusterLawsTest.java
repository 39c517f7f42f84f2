package dev.tutti.common.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Seeds;
import dev.tutti.common.data.Targets;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.Initializers;
import dev.tutti.common.nn.Losses;
import dev.tutti.common.nn.Pass;
import dev.tutti.common.nn.Shape;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.UpdateRule;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The laws of DESIGN over the real machines: whatever happens, the weights are those of one worker.
 */
class ClusterLawsTest {
    private static final int SAMPLES = 90;
    private static final int FEATURES = 6;
    private static final int CLASSES = 3;
    private static final long STEPS = 14;
    private static final int SHARDS = 5;
    private static final String OPTIMIZER = "sgd(rate=0.1,momentum=0.9,weight-decay=0.01)";

    private static final Dataset DATA = data();
    private static final RunSpec SPEC = spec(16);

    private static final float[] ALONE = alone();

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
        assertClose(ALONE, withoutShards(SPEC));
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
        var spec = spec(14);
        var expected = withoutShards(spec);
        var cluster = cluster(spec, 1);
        cluster.join(2, false);
        cluster.join(1, true);
        cluster.run();
        assertThat(cluster.history(Decision.EpochEnded.class))
                .allMatch(ended -> ended.entry().exact());
        assertClose(cluster.weights(), expected);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 8, 13})
    void aWorkerThatDiesCostsNoBit(long step) {
        for (var seed = 1; seed <= 10; seed++) {
            var cluster = cluster(seed);
            cluster.join(1, false);
            var victim = cluster.join(2, false);
            cluster.runToStep(step);
            cluster.turns(seed * 7);
            cluster.kill(victim);
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
            cluster.stop(silent);
            cluster.run();
            assertThat(cluster.weights()).as("seed %d", seed).isEqualTo(ALONE);
            assertThat(cluster.history(Decision.Drop.class))
                    .singleElement()
                    .satisfies(drop -> {
                        assertThat(drop.process()).isEqualTo(silent);
                        assertThat(drop.reason()).contains("worker 0").contains("no heartbeat for");
                    });
        }
    }

    @Test
    void aWorkerThatOnlyKeepsItsLeaseLosesItToAnother() {
        var cluster = cluster(3);
        var stuck = cluster.join(1, false);
        cluster.join(1, false);
        cluster.runToStep(4);
        cluster.hang(stuck);
        cluster.run();
        assertThat(cluster.weights()).isEqualTo(ALONE);
        assertThat(cluster.history(Decision.Drop.class)).isEmpty();
        assertThat(cluster.history(Decision.Note.class))
                .anyMatch(note ->
                        note.line().startsWith("overdue: step 4")
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
        cluster.kill(first);
        cluster.turns(50);
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
                    assertThat(aborted.reason()).contains("step 3").contains("NaN");
                });
        assertThat(cluster.weights()).isEqualTo(undisturbed.weights());
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
        assertThat(evaluated).allMatch(part -> part.totals().samples() == SAMPLES / 10);
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

    private static boolean computedBy(Decision.StepTaken taken, WorkerId worker) {
        return taken.report().shares().stream().anyMatch(share -> share.worker().equals(worker));
    }

    private static void assertLedgerIsExact(InMemoryCluster cluster) {
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
        var optimizer = Optimizers.CATALOGUE.parse(OPTIMIZER);
        var state = TrainingState.allocate(arena, model, optimizer.slotCount());
        model.initialize(Initializers.CATALOGUE.parse("he-normal"), spec.seed(), state.weights());
        var plan = new SamplePlan(spec, spec.split(DATA));
        var workspace = new Workspace(arena, model, loss, spec.batch());
        var gradient = Floats.allocate(arena, model.vectorLength());
        for (var step = 0L; step < STEPS; step++) {
            var batch = plan.slice(new Work.Train(step), new ShardRange(0, SHARDS));
            batch.gather(DATA, loss, CLASSES, workspace);
            model.lossAndGradient(
                    new PlainKernel(),
                    loss,
                    state.weights(),
                    workspace,
                    batch.count(),
                    Pass.EVALUATION,
                    gradient);
            Floats.divide(batch.count(), gradient);
            UpdateRule.of(optimizer)
                    .apply(step, state.trained(), gradient, state.slots(), state.weights());
        }
        return Floats.toArray(state.weights());
    }

    private static float[] alone() {
        var cluster = cluster(0);
        cluster.join(1, true);
        cluster.run();
        return cluster.weights();
    }

    private static InMemoryCluster cluster(long seed) {
        return cluster(seed, EarlyStopping.NEVER, STEPS);
    }

    private static InMemoryCluster cluster(long seed, EarlyStopping stopping, long steps) {
        return new InMemoryCluster(SPEC, DATA, OPTIMIZER, stopping, steps, seed);
    }

    private static InMemoryCluster cluster(RunSpec spec, long seed) {
        return new InMemoryCluster(spec, DATA, OPTIMIZER, EarlyStopping.NEVER, STEPS, seed);
    }

    private static RunSpec spec(int batch) {
        return new RunSpec(
                "dense(7),relu,dense(3)",
                "softmax-cross-entropy",
                Shape.of(FEATURES),
                CLASSES,
                11,
                batch,
                true,
                SHARDS,
                0.1,
                0.1,
                "points",
                "",
                0,
                10);
    }

    private static Dataset data() {
        var arena = Arena.ofAuto();
        var random = Seeds.of(5, "points");
        var features = Floats.allocate(arena, (long) SAMPLES * FEATURES);
        var labels = new int[SAMPLES];
        for (var row = 0; row < SAMPLES; row++) {
            labels[row] = random.nextInt(CLASSES);
            for (var i = 0; i < FEATURES; i++) {
                Floats.set(
                        features,
                        (long) row * FEATURES + i,
                        (float) (random.nextGaussian() + (i % CLASSES == labels[row] ? 1 : 0)));
            }
        }
        return new Dataset(
                "points",
                Shape.of(FEATURES),
                SAMPLES,
                0,
                List.of(),
                new Features.Reals(features),
                new Targets.Labels(
                        List.of("a", "b", "c"), arena.allocateFrom(ValueLayout.JAVA_INT, labels)));
    }
}
