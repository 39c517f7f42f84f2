package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.average.rule.CoordinateRule;
import dev.tutti.common.average.rule.DistanceRule;
import dev.tutti.common.average.rule.SelectingRule;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.SteppedWeights;
import dev.tutti.common.optim.TensorLayout;
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
import dev.tutti.common.step.simulation.Scenario.Averages;
import dev.tutti.common.step.simulation.SimulatedCluster;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An average that is not linear needs each shard by itself. The weights do not depend on the worker
 * that computed a shard, nor on the way that its gradient took.
 */
class AveragingClusterTest {
    private static final int SHARDS = 8;

    /** An epoch has 72 training samples: its last batch has 2 of 14, for 8 shards. */
    private static final Scenario SCENARIO = scenario(14, Averages.MEAN);

    private static final Map<Scenario, float[]> ALONE = new HashMap<>();

    private static Scenario scenario(int batch, Averages averages) {
        return Scenario.standard().with(Scenario.spec(batch, SHARDS, 4)).with(averages);
    }

    /** Rules, mixings and attacks; those that need many shards with batches that have samples. */
    static List<Scenario> scenarios() {
        return List.of(
                scenario(14, Averages.of("median")),
                scenario(14, Averages.of("geometric-median(nu=0.01)")),
                scenario(16, Averages.of("centered-clipping")),
                scenario(
                        14, Averages.of("centered-clipping(tau=0.5,relative=false,history=false)")),
                scenario(14, new Averages("median", "none", "label-flip", 3)),
                scenario(16, new Averages("median", "worker-momentum", "stale(age=2)", 2)),
                scenario(16, new Averages("mean", "none", "stale(age=3)", 1)),
                scenario(16, new Averages("krum(f=2)", "none", "min-max", 2)),
                scenario(16, new Averages("median", "none", "alie(optimized=true)", 2)),
                scenario(
                        16,
                        new Averages(
                                "centered-clipping(tau=0.5,iterations=2)",
                                "worker-momentum,nnm(f=2)",
                                "ipm(optimized=true)",
                                2)),
                scenario(16, new Averages("geometric-median", "none", "nan", 2)),
                scenario(14, Averages.of("adasum")),
                scenario(14, new Averages("mean", "bucketing", "none", 0)),
                scenario(16, Averages.of("krum(f=1)")),
                scenario(16, Averages.of("bulyan(f=1)")),
                scenario(16, Averages.of("sign-vote")),
                scenario(16, new Averages("mean", "clip(norm=0.5)", "sign-flip(scale=2.0)", 1)),
                scenario(16, new Averages("median", "none", "noise(sigma=0.1)", 1)),
                scenario(16, new Averages("trimmed-mean(f=1)", "arc(f=1),nnm(f=1)", "alie", 2)));
    }

    @Test
    void theWeightsAreThoseOfTheRuleOverTheShardsGradients() {
        for (var scenario :
                List.of(
                        scenario(14, Averages.of("median")),
                        scenario(16, Averages.of("trimmed-mean(f=2)")),
                        scenario(16, Averages.of("krum(f=1)")))) {
            assertThat(alone(scenario)).as(scenario.spec().average()).isEqualTo(byHand(scenario));
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void anyNumberOfWorkersTrainsTheSameBits(Scenario scenario) {
        for (var workers = 1; workers <= SHARDS + 1; workers++) {
            var cluster = new SimulatedCluster(scenario, workers);
            for (var i = 0; i < workers; i++) {
                cluster.join(1 + i % 2, i == 0 && workers % 3 == 0);
            }
            assertBits(cluster, scenario);
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void anyCutIntoChunksTrainsTheSameBits(Scenario scenario) {
        for (var chunkFloats : new int[] {3, 20, 1 << 17}) {
            var cluster = new SimulatedCluster(scenario.withChunks(chunkFloats), chunkFloats);
            cluster.join(2, false);
            cluster.join(1, false);
            assertBits(cluster, scenario);
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void workersThatDieAndStragglersCostNoBit(Scenario scenario) {
        for (var seed = 1; seed <= 8; seed++) {
            var cluster = new SimulatedCluster(scenario, seed);
            cluster.join(1, false);
            var victim = cluster.join(2, false);
            var slow = cluster.join(1, false);
            slow.slowness = 200;
            cluster.runToStep(seed);
            cluster.runFor(3L * seed);
            victim.kill(false);
            assertBits(cluster, scenario);
        }
    }

    /** What is kept from step to step is in a checkpoint. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void aRestartCostsNoBit(Scenario scenario) {
        for (var step : new int[] {0, 1, 3, 7}) {
            var cluster = new SimulatedCluster(scenario, step);
            cluster.join(1, false);
            cluster.join(2, false);
            cluster.runToStep(step);
            cluster.crash(1_000_000);
            assertBits(cluster, scenario);
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void aRelayPassesEachShardOnByItself(Scenario scenario) {
        for (var seed = 1; seed <= 5; seed++) {
            var cluster = new SimulatedCluster(scenario, seed);
            var relay = cluster.relay(cluster.members());
            cluster.join(relay.members, 2);
            cluster.join(cluster.relay(relay.members).members, 1);
            cluster.join(1, false);
            var victim = cluster.join(relay.members, 1);
            cluster.runToStep(3);
            victim.kill(false);
            assertBits(cluster, scenario);
            assertThat(cluster.history(Decision.StepTaken.class))
                    .allMatch(taken -> taken.report().shares().size() == SHARDS);
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void withoutMomentumAndWithRoundedGradientsTheBitsAreTheSame(Scenario scenario) {
        var other = scenario.with(Scenario.WITHOUT_MOMENTUM).with(new Bf16());
        var one = new SimulatedCluster(other, 1);
        one.join(1, true);
        one.run();
        var many = new SimulatedCluster(other, 2);
        many.join(many.relay(many.members()).members, 3);
        many.join(2, false);
        many.run();
        assertThat(many.weights()).isEqualTo(one.weights());
    }

    /** A gradient with a NaN is not dropped as an outlier: its shard is computed again (law 8). */
    @ParameterizedTest
    @MethodSource("scenarios")
    void aGradientThatIsNotFiniteIsComputedAgain(Scenario scenario) {
        var cluster = new SimulatedCluster(scenario, 1);
        cluster.join(1, false);
        cluster.join(1, false);
        cluster.poison(message ->
                message instanceof ToCoordinator.Contribution contribution
                        && contribution.lease().work().step() == 4
                        && contribution.lease().attempt() == 0
                        && contribution.lease().shards().from() == 2);
        assertBits(cluster, scenario);
        assertThat(cluster.history(Decision.Note.class))
                .anyMatch(
                        note -> note.line().contains("gradient of") && note.line().contains("NaN"));
    }

    /** Guards the tests above: weights that do not follow from the rule would pass them. */
    @Test
    void theyDoNotAgree() {
        var weights = new ArrayList<>(List.of(alone(SCENARIO), alone(scenario(16, Averages.MEAN))));
        scenarios().forEach(scenario -> weights.add(alone(scenario)));
        assertThat(weights.stream().map(Arrays::hashCode)).doesNotHaveDuplicates();
    }

    /** Also with several workers, who then add shards up. */
    @Test
    void whatChangesNothingGivesTheBitsOfTheMean() {
        for (var averages :
                List.of(
                        Averages.of("trimmed-mean(f=0)"),
                        new Averages("mean", "clip(norm=inf)", "none", 0),
                        new Averages("trimmed-mean(f=0)", "arc(f=0),bucketing(s=1)", "none", 0))) {
            var cluster = new SimulatedCluster(SCENARIO.with(averages), 1);
            cluster.join(2, false);
            cluster.join(1, false);
            cluster.run();
            cluster.requireLaws();
            assertThat(cluster.weights()).as(averages.toString()).isEqualTo(alone(SCENARIO));
            assertThat(cluster.history(Decision.StepTaken.class))
                    .anyMatch(taken -> taken.report().shares().size() < SHARDS);
        }
    }

    private static void assertBits(SimulatedCluster cluster, Scenario scenario) {
        cluster.run();
        cluster.requireLaws();
        assertThat(cluster.weights()).isEqualTo(alone(scenario));
    }

    private static float[] alone(Scenario scenario) {
        return ALONE.computeIfAbsent(scenario, SimulatedCluster::undisturbed);
    }

    /** Trains without a cluster: each shard's gradient, the rule, the step. */
    private static float[] byHand(Scenario scenario) {
        var arena = Arena.ofAuto();
        var spec = scenario.spec();
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
        var optimizer = Optimizers.CATALOGUE.parse(scenario.optimizer());
        var state = TrainingState.allocate(arena, model, optimizer.slotCount(), Precision.FP32);
        model.initialize(Initializers.CATALOGUE.parse("he-normal"), spec.seed(), state.weights());
        for (var step = 0L; step < scenario.steps(); step++) {
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
            average(
                    spec.average(),
                    vectors.toArray(float[][]::new),
                    samples.stream().mapToInt(Integer::intValue).toArray(),
                    out);
            UpdateRule.of(optimizer)
                    .apply(
                            step,
                            TensorLayout.of(model),
                            GradientSum.of(Floats.of(arena, out), 1),
                            state.slots(),
                            SteppedWeights.inPlace(state.weights()));
        }
        return Floats.toArray(state.weights());
    }

    private static void average(String text, float[][] vectors, int[] samples, float[] out) {
        var count = vectors.length;
        switch (AveragingRules.CATALOGUE.parse(text)) {
            case CoordinateRule rule -> rule.average(out.length, vectors, samples, out);
            case DistanceRule rule -> {
                var products = new double[count * count];
                for (var i = 0; i < count * count; i++) {
                    for (var k = 0; k < out.length; k++) {
                        products[i] += (double) vectors[i / count][k] * vectors[i % count][k];
                    }
                }
                var weights = rule.coefficients(Gram.of(count, products));
                for (var k = 0; k < out.length; k++) {
                    var sum = 0.0;
                    for (var i = 0; i < count; i++) {
                        sum += weights[i] * vectors[i][k];
                    }
                    out[k] = (float) sum;
                }
            }
            case SelectingRule rule -> throw new AssertionError(rule);
        }
    }
}
