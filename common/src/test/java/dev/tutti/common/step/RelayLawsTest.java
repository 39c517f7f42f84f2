package dev.tutti.common.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Seeds;
import dev.tutti.common.data.Targets;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The laws hold through relays: whatever they pass on, the weights are those of one worker. */
class RelayLawsTest {
    private static final int SAMPLES = 90;
    private static final int FEATURES = 6;
    private static final int CLASSES = 3;
    private static final long STEPS = 12;
    private static final int SHARDS = 8;
    private static final int CREDIT = 2;
    private static final String OPTIMIZER = "sgd(rate=0.1,momentum=0.9)";
    private static final Dataset DATA = data();

    /** Chunks of 4 floats, so that a vector of 73 has 19: far more than the credit. */
    private static final RunSpec SPEC =
            new RunSpec(
                    "dense(7),relu,dense(3)",
                    "softmax-cross-entropy",
                    Shape.of(FEATURES),
                    CLASSES,
                    11,
                    16,
                    true,
                    SHARDS,
                    0.1,
                    0.1,
                    "points",
                    "",
                    0,
                    4,
                    WirePrecision.FP32);

    private static final float[] ALONE = alone();

    @Test
    void twoRelaysTrainTheBitsOfOneWorkerWithOneContributionEach() {
        for (var seed = 1; seed <= 5; seed++) {
            var tree = tree(seed, limits(8));
            for (var i = 0; i < 2; i++) {
                var relay = tree.relay(tree.root());
                tree.workers(relay, 2);
                tree.workers(relay, 1);
                tree.workers(relay, 1);
            }
            tree.run();
            assertBits(tree, seed);
            assertThat(tree.history(Decision.StepTaken.class))
                    .allMatch(taken -> taken.report().shares().size() == 2);
        }
    }

    @Test
    void unevenTreesOfSeveralLevelsTrainTheBitsOfOneWorker() {
        for (var seed = 1; seed <= 8; seed++) {
            var tree = tree(seed, limits(1));
            var top = tree.relay(tree.root());
            var middle = tree.relay(top);
            var low = tree.relay(middle);
            tree.workers(low, 1);
            tree.workers(low, 1);
            tree.workers(middle, 3);
            tree.workers(top, 1);
            tree.workers(tree.relay(tree.root()), 1);
            tree.workers(tree.root(), 1);
            tree.run();
            assertBits(tree, seed);
        }
    }

    @Test
    void evaluationIsCountedWholeThroughRelays() {
        var tree = tree(1, limits(3));
        var relay = tree.relay(tree.root());
        tree.workers(relay, 2);
        tree.workers(tree.root(), 1);
        tree.run();
        var alone = tree(2, limits(1));
        alone.workers(alone.root(), 1);
        alone.run();
        assertThat(tree.history(Decision.PartEvaluated.class))
                .isEqualTo(alone.history(Decision.PartEvaluated.class))
                .allMatch(part -> part.totals().samples() == SAMPLES / 10);
        assertThat(relay.said(ToCoordinator.Evaluated.class)).isNotEmpty();
    }

    @Test
    void aRelayGetsAsMuchAsItsWorkersComputeTogether() {
        var tree = tree(1, limits(4));
        var relay = tree.relay(tree.root());
        tree.workers(relay, 2);
        tree.workers(relay, 1);
        tree.workers(tree.root(), 1);
        tree.run();
        assertThat(tree.history(Decision.StepTaken.class))
                .allSatisfy(taken ->
                        assertThat(
                                        taken.report().shares().stream()
                                                .filter(share -> share.worker().number() == 0)
                                                .mapToInt(share -> share.shards().size())
                                                .sum())
                                .isBetween(5, 7));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4, 11})
    void aWorkerThatDiesBelowARelayCostsNoBit(long step) {
        for (var seed = 1; seed <= 10; seed++) {
            var tree = tree(seed, limits(2));
            var relay = tree.relay(tree.root());
            tree.workers(relay, 1);
            var victim = tree.workers(relay, 2);
            tree.workers(tree.root(), 1);
            tree.runToStep(step);
            tree.turns(seed * 7);
            tree.kill(victim.link());
            tree.run();
            assertBits(tree, seed);
            assertThat(relay.history(Decision.Drop.class)).as("seed %d", seed).hasSize(1);
            assertThat(tree.history(Decision.Drop.class)).as("seed %d", seed).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 4, 11})
    void aRelayThatDiesCostsNoBitAndMayComeBack(long step) {
        for (var seed = 1; seed <= 10; seed++) {
            var tree = tree(seed, limits(5));
            var victim = tree.relay(tree.root());
            tree.workers(victim, 2);
            var top = tree.relay(tree.root());
            tree.workers(tree.relay(top), 2);
            tree.workers(top, 1);
            tree.runToStep(step);
            tree.turns(seed * 11);
            tree.kill(victim.link());
            tree.turns(50);
            tree.workers(tree.relay(tree.root()), 2);
            tree.run();
            assertBits(tree, seed);
        }
    }

    @Test
    void aRelayWithoutWorkersGivesItsLeasesBackUntilOthersCome() {
        for (var seed = 1; seed <= 10; seed++) {
            var tree = tree(seed, limits(3));
            var relay = tree.relay(tree.root());
            var victim = tree.workers(relay, 2);
            tree.workers(tree.root(), 1);
            tree.runToStep(3);
            tree.turns(seed * 5);
            tree.kill(victim.link());
            tree.runToStep(5);
            assertThat(relay.said(ToCoordinator.Ready.class))
                    .as("seed %d", seed)
                    .contains(new ToCoordinator.Ready(0, 1));
            tree.workers(relay, 3);
            tree.run();
            assertBits(tree, seed);
            assertThat(tree.history(Decision.StepTaken.class).getLast().report().shares())
                    .as("seed %d", seed)
                    .hasSizeGreaterThan(1);
        }
    }

    @Test
    void aRunWhoseOnlyRelayHasNobodyWaitsForWorkers() {
        var tree = tree(1, limits(1));
        var relay = tree.relay(tree.root());
        var victim = tree.workers(relay, 1);
        tree.runToStep(3);
        tree.kill(victim.link());
        tree.turns(200);
        tree.workers(relay, 1);
        tree.run();
        assertBits(tree, 1);
        assertThat(tree.history(Decision.Warning.class))
                .anyMatch(warning -> warning.line().startsWith("paused: 0 workers ready"));
    }

    @Test
    void aSilentWorkerIsNamedByItsRelay() {
        var tree = tree(1, limits(3));
        var relay = tree.relay(tree.root());
        tree.workers(relay, 1);
        var silent = tree.workers(relay, 1);
        tree.workers(tree.root(), 1);
        tree.runToStep(4);
        silent.link().stopped = true;
        tree.run();
        assertBits(tree, 1);
        assertThat(relay.history(Decision.Drop.class))
                .singleElement()
                .satisfies(drop -> assertThat(drop.reason()).contains("no heartbeat for"));
        assertThat(tree.history(Decision.Drop.class)).isEmpty();
    }

    @Test
    void aStragglersPartIsComputedByAnotherBelowTheSameRelay() {
        var tree = tree(1, limits(3));
        var relay = tree.relay(tree.root());
        tree.workers(relay, 1);
        var stuck = tree.workers(relay, 1);
        tree.workers(tree.root(), 1);
        tree.runToStep(4);
        stuck.link().hangs = true;
        tree.run();
        assertBits(tree, 1);
        assertThat(relay.history(Decision.Note.class))
                .anyMatch(note -> note.line().startsWith("straggling: "));
    }

    @Test
    void aSilentRelayLosesItsLeasesToOthers() {
        var tree = tree(1, limits(3));
        var relay = tree.relay(tree.root());
        tree.workers(relay, 2);
        tree.workers(tree.root(), 1);
        tree.runToStep(4);
        relay.link().stopped = true;
        tree.run();
        assertBits(tree, 1);
        assertThat(tree.history(Decision.Note.class))
                .anyMatch(note -> note.line().startsWith("straggling: step 4"));
    }

    @Test
    void aGradientThatIsNotFiniteIsNamedByTheRelayAndComputedAgain() {
        var tree = tree(2, limits(3));
        var relay = tree.relay(tree.root());
        tree.workers(relay, 1);
        tree.workers(relay, 1);
        tree.workers(tree.root(), 1);
        var poisoned = new AtomicInteger();
        tree.poison(message ->
                message instanceof ToCoordinator.Contribution(var lease, _, _, _, _)
                        && lease.work().step() == 3
                        && lease.shards().size() < 4
                        && poisoned.getAndIncrement() == 0);
        tree.run();
        assertThat(poisoned.get()).isPositive();
        assertBits(tree, 2);
        var named = new ArrayList<>(relay.history(Decision.Note.class));
        named.addAll(tree.history(Decision.Note.class));
        assertThat(named)
                .anyMatch(note ->
                        note.line().contains("gradient of step 3") && note.line().contains("NaN"));
    }

    @Test
    void aGradientThatIsNeverFiniteEndsTheRunAsDiverged() {
        var tree = tree(2, limits(4));
        var first = tree.relay(tree.root());
        tree.workers(first, 2);
        var second = tree.relay(tree.root());
        tree.workers(second, 2);
        tree.poison(message ->
                message instanceof ToCoordinator.Contribution(var lease, _, _, _, _)
                        && lease.work().step() == 3
                        && lease.shards().contains(new ShardRange(0, 1)));
        tree.run();
        assertThat(tree.history(Decision.Aborted.class))
                .singleElement()
                .satisfies(aborted -> {
                    assertThat(aborted.kind()).isEqualTo(Decision.Failure.DIVERGED);
                    assertThat(aborted.reason()).contains("step 3").contains("NaN");
                });
        assertThat(tree.history(Decision.StepTaken.class)).hasSize(3);
    }

    /**
     * Law 7: chunks of a member are let in only as far as the coordinator has room for their sum.
     */
    @Test
    void aRelayHoldsNoMoreChunksThanTheCreditOfItsMembersLeases() {
        for (var seed = 1; seed <= 10; seed++) {
            var tree = tree(seed, limits(5));
            var relay = tree.relay(tree.root());
            for (var i = 0; i < 4; i++) {
                tree.workers(relay, 1);
            }
            var slow = tree.workers(tree.root(), 1);
            tree.runToStep(2);
            slow.link().hangs = true;
            tree.turns(400);
            slow.link().hangs = false;
            tree.run();
            assertBits(tree, seed);
            assertThat(relay.loansMax()).as("seed %d", seed).isBetween(1, SHARDS * CREDIT);
        }
    }

    @Test
    void whenTheCoordinatorHasNoRoomNoneOfAMembersChunksIsLetIn() {
        var tree = tree(3, limits(2));
        var relay = tree.relay(tree.root());
        tree.workers(relay, 1);
        var slow = tree.workers(tree.root(), 1);
        tree.runToStep(2);
        slow.link().hangs = true;
        var before = relay.said(ToCoordinator.Contribution.class).size();
        tree.turns(2_000);
        assertThat(relay.said(ToCoordinator.Contribution.class).size() - before)
                .isLessThanOrEqualTo(2 * CREDIT);
        slow.link().hangs = false;
        tree.run();
        assertBits(tree, 3);
    }

    @Test
    void theEndOfTheRunReachesEveryWorker() {
        var tree = tree(1, limits(3));
        var relay = tree.relay(tree.root());
        var all =
                List.of(
                        tree.workers(relay, 1),
                        tree.workers(tree.relay(relay), 1),
                        tree.workers(tree.root(), 1));
        tree.run();
        assertThat(all)
                .allSatisfy(workers ->
                        assertThat(workers.left())
                                .containsExactly(
                                        new WorkerDecision.Leave(true, "the run is complete")));
    }

    @Test
    void strictKernelsHoldThroughARelay() {
        var tree = tree(1, limits(1, true));
        var relay = tree.relay(tree.root());
        tree.workers(relay, 1);
        tree.runToStep(1);
        tree.workers(relay, 1, "another");
        tree.run();
        assertBits(tree, 1);
        assertThat(relay.history(Decision.Refuse.class))
                .singleElement()
                .satisfies(refused ->
                        assertThat(refused.rejection().kind()).isEqualTo(Rejection.Kind.KERNEL));
    }

    private static void assertBits(RelayTree tree, long seed) {
        assertThat(tree.weights()).as("seed %d", seed).isEqualTo(ALONE);
        assertThat(tree.history(Decision.EpochEnded.class))
                .as("seed %d", seed)
                .isNotEmpty()
                .allMatch(ended -> ended.entry().exact());
    }

    private static float[] alone() {
        var tree = tree(0, limits(1));
        tree.workers(tree.root(), 1);
        tree.run();
        return tree.weights();
    }

    private static RelayTree tree(long seed, Limits limits) {
        return new RelayTree(SPEC, DATA, OPTIMIZER, STEPS, limits, seed);
    }

    private static Limits limits(int startWorkers) {
        return limits(startWorkers, false);
    }

    private static Limits limits(int startWorkers, boolean strictKernels) {
        return new Limits(
                startWorkers,
                1,
                strictKernels,
                Duration.ofMillis(250),
                Limits.SILENCE,
                Limits.LEASE,
                Duration.ofMinutes(2),
                CREDIT);
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
