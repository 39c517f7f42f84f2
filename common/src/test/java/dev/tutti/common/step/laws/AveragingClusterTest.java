package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.AveragingRule;
import dev.tutti.common.average.Median;
import dev.tutti.common.average.Medoid;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.SteppedWeights;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.rounding.Bf16;
import dev.tutti.common.step.compute.ShardComputer;
import dev.tutti.common.step.compute.VectorPool;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.SimulatedCluster;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A rule that is not linear sees each shard by itself. The weights do not depend on the worker that
 * computed a shard, nor on the way that its gradient took.
 */
class AveragingClusterTest {
    private static final int SHARDS = 8;

    /** An epoch has 72 training samples: its last batch has 2 of 14, for 8 shards. */
    private static final Scenario SCENARIO = Scenario.standard().with(Scenario.spec(14, SHARDS, 4));

    private static final Map<AveragingRule, float[]> ALONE = new HashMap<>();

    static List<AveragingRule> rules() {
        return List.of(new Median(), new Medoid());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theWeightsAreThoseOfTheRuleOverTheShardsGradients(AveragingRule rule) {
        assertThat(alone(rule)).isEqualTo(byHand(rule));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void anyNumberOfWorkersTrainsTheSameBits(AveragingRule rule) {
        for (var workers = 1; workers <= SHARDS + 1; workers++) {
            var cluster = cluster(rule, workers);
            for (var i = 0; i < workers; i++) {
                cluster.join(1 + i % 2, i == 0 && workers % 3 == 0);
            }
            assertBits(cluster, rule);
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void anyCutIntoChunksTrainsTheSameBits(AveragingRule rule) {
        for (var chunkFloats : new int[] {3, 20, 1 << 17}) {
            var spec = Scenario.spec(14, SHARDS, chunkFloats);
            var cluster = new SimulatedCluster(SCENARIO.with(spec).with(rule), chunkFloats);
            cluster.join(2, false);
            cluster.join(1, false);
            assertBits(cluster, rule);
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void workersThatDieAndStragglersCostNoBit(AveragingRule rule) {
        for (var seed = 1; seed <= 8; seed++) {
            var cluster = cluster(rule, seed);
            cluster.join(1, false);
            var victim = cluster.join(2, false);
            var slow = cluster.join(1, false);
            slow.slowness = 200;
            cluster.runToStep(seed);
            cluster.runFor(3L * seed);
            victim.kill(false);
            assertBits(cluster, rule);
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aRelayPassesEachShardOnByItself(AveragingRule rule) {
        for (var seed = 1; seed <= 5; seed++) {
            var cluster = cluster(rule, seed);
            var relay = cluster.relay(cluster.members());
            cluster.join(relay.members, 2);
            cluster.join(cluster.relay(relay.members).members, 1);
            cluster.join(1, false);
            var victim = cluster.join(relay.members, 1);
            cluster.runToStep(3);
            victim.kill(false);
            assertBits(cluster, rule);
            assertThat(cluster.history(Decision.StepTaken.class))
                    .allMatch(taken -> taken.report().shares().size() == SHARDS);
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void withoutMomentumAndWithRoundedGradientsTheBitsAreTheSame(AveragingRule rule) {
        var scenario = SCENARIO.with(Scenario.WITHOUT_MOMENTUM).with(new Bf16()).with(rule);
        var one = new SimulatedCluster(scenario, 1);
        one.join(1, true);
        one.run();
        var many = new SimulatedCluster(scenario, 2);
        many.join(many.relay(many.members()).members, 3);
        many.join(2, false);
        many.run();
        assertThat(many.weights()).isEqualTo(one.weights());
    }

    /** A gradient with a NaN is not dropped as an outlier: its shard is computed again (law 8). */
    @ParameterizedTest
    @MethodSource("rules")
    void aGradientThatIsNotFiniteIsComputedAgain(AveragingRule rule) {
        var cluster = cluster(rule, 1);
        cluster.join(1, false);
        cluster.join(1, false);
        cluster.poison(message ->
                message instanceof ToCoordinator.Contribution contribution
                        && contribution.lease().work().step() == 4
                        && contribution.lease().attempt() == 0
                        && contribution.lease().shards().from() == 2);
        assertBits(cluster, rule);
        assertThat(cluster.history(Decision.Note.class))
                .anyMatch(
                        note -> note.line().contains("gradient of") && note.line().contains("NaN"));
    }

    @Test
    void theRulesDoNotAgree() {
        // Guards the tests above: weights that do not follow from the rule would pass them.
        var mean = new SimulatedCluster(SCENARIO, 1);
        mean.join(1, true);
        mean.run();
        assertThat(alone(new Median())).isNotEqualTo(mean.weights());
        assertThat(alone(new Medoid())).isNotEqualTo(mean.weights());
        assertThat(alone(new Medoid())).isNotEqualTo(alone(new Median()));
    }

    private static SimulatedCluster cluster(AveragingRule rule, long seed) {
        return new SimulatedCluster(SCENARIO.with(rule), seed);
    }

    private static void assertBits(SimulatedCluster cluster, AveragingRule rule) {
        cluster.run();
        cluster.requireLaws();
        assertThat(cluster.weights()).isEqualTo(alone(rule));
    }

    private static float[] alone(AveragingRule rule) {
        return ALONE.computeIfAbsent(
                rule,
                _ -> {
                    var cluster = cluster(rule, 0);
                    cluster.join(1, true);
                    cluster.run();
                    return cluster.weights();
                });
    }

    /** Trains without a cluster: each shard's gradient, the rule, the step. */
    private static float[] byHand(AveragingRule rule) {
        var arena = Arena.ofAuto();
        var spec = SCENARIO.spec();
        var model = spec.buildModel();
        var length = (int) model.vectorLength();
        var computer =
                new ShardComputer(
                        arena,
                        spec,
                        Scenario.DATA,
                        model,
                        new PlainKernel(),
                        new VectorPool(arena, length));
        var optimizer = Optimizers.CATALOGUE.parse(SCENARIO.optimizer());
        var state = TrainingState.allocate(arena, model, optimizer.slotCount(), Precision.FP32);
        model.initialize(Initializers.CATALOGUE.parse("he-normal"), spec.seed(), state.weights());
        for (var step = 0L; step < SCENARIO.steps(); step++) {
            var vectors = new ArrayList<float[]>();
            var samples = new ArrayList<Integer>();
            for (var shard = 0; shard < SHARDS; shard++) {
                var lease =
                        new Lease(
                                new Work.Train(step),
                                new ShardRange(shard, shard + 1),
                                0,
                                new WorkerId(0));
                var gradient = Floats.allocate(arena, length);
                var totals =
                        computer.train(
                                lease,
                                Elements.of(state.weights()),
                                List.of(),
                                Elements.of(gradient),
                                SubtreeSum.Progress.NONE);
                if (totals.samples() > 0) {
                    Floats.divide(totals.samples(), gradient);
                    vectors.add(Floats.toArray(gradient));
                    samples.add(totals.samples());
                }
            }
            var out = new float[length];
            rule.average(
                    length,
                    vectors.toArray(float[][]::new),
                    samples.stream().mapToInt(Integer::intValue).toArray(),
                    out);
            UpdateRule.of(optimizer)
                    .apply(
                            step,
                            state.trained(),
                            GradientSum.of(Floats.of(arena, out), 1),
                            state.slots(),
                            SteppedWeights.inPlace(state.weights()));
        }
        return Floats.toArray(state.weights());
    }
}
