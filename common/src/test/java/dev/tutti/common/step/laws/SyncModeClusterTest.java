package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.SteppedWeights;
import dev.tutti.common.optim.TensorLayout;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.compute.ShardComputer;
import dev.tutti.common.step.compute.VectorPool;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.SimulatedCluster;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The mode of a run says which gradients make up a step; which process computes them, and what
 * becomes of it meanwhile, changes no bit.
 */
class SyncModeClusterTest {
    private static final int SHARDS = 6;
    private static final String CLOCK = "virtual(spread=0.8,slow=1,factor=3)";

    /** An epoch has 72 training samples: its last batch has 2 of 14, for 6 shards. */
    private static final Scenario SCENARIO =
            Scenario.standard().with(Scenario.spec(14, SHARDS, 20));

    private static final Map<String, float[]> ALONE = new HashMap<>();

    static List<String> modes() {
        return List.of(
                "backup(2)",
                "stale(2)",
                "asynchronous",
                "asynchronous(4)",
                "dc-asgd(0.5)",
                "dc-asgd(2,adaptive=true)",
                "local(3,rate=0.1)",
                "post-local(3,from=8,rate=0.1)");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void anyNumberOfProcessesTrainsTheSameBits(String mode) {
        for (var processes = 1; processes <= SHARDS; processes++) {
            var cluster = cluster(mode, processes);
            for (var i = 0; i < processes; i++) {
                cluster.join(1 + i % 2, i == 0 && processes % 2 == 0);
            }
            assertBits(cluster, mode);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void workersThatDieAndStragglersCostNoBit(String mode) {
        for (var seed = 1; seed <= 6; seed++) {
            var cluster = cluster(mode, seed);
            cluster.join(1, false);
            var victim = cluster.join(2, false);
            cluster.join(1, false).slowness = 200;
            cluster.runToStep(seed);
            cluster.runFor(2L * seed);
            victim.kill(false);
            assertBits(cluster, mode);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void relaysTakePart(String mode) {
        for (var seed = 1; seed <= 4; seed++) {
            var cluster = cluster(mode, seed);
            var relay = cluster.relay(cluster.members());
            cluster.join(relay.members, 2);
            cluster.join(cluster.relay(relay.members).members, 1);
            var victim = cluster.join(relay.members, 1);
            cluster.runToStep(3);
            victim.kill(false);
            assertBits(cluster, mode);
        }
    }

    /** Between any two events a run can be saved: with tasks open, of several versions. */
    @ParameterizedTest
    @MethodSource("modes")
    void aRunGoesOnFromWhereItStoodAtAnyEvent(String mode) {
        for (var seed = 1; seed <= 8; seed++) {
            var cluster = cluster(mode, seed);
            cluster.join(1, false);
            cluster.join(2, seed % 2 == 0);
            cluster.runToStep(seed);
            cluster.runFor(3L * seed);
            cluster.checkpointNow();
            cluster.crash(1_000_000);
            assertBits(cluster, mode);
        }
    }

    /** What a schedule applies one after another is computed at once. */
    @ParameterizedTest
    @ValueSource(strings = {"stale(4)", "asynchronous"})
    void moreProcessesTakeLessTime(String mode) {
        var times = new ArrayList<Long>();
        for (var processes : new int[] {1, 2, 4}) {
            var cluster = cluster(mode, 1);
            for (var i = 0; i < processes; i++) {
                cluster.join(1, false).slowness = 100;
            }
            assertBits(cluster, mode);
            times.add(cluster.clock.now());
        }
        assertThat(times.get(1)).isLessThan(times.get(0) * 3 / 4);
        assertThat(times.get(2)).isLessThan(times.get(1));
    }

    /** Neutral settings are the synchronous mode itself. */
    @ParameterizedTest
    @ValueSource(strings = {"backup(0)", "stale(0)", "local(1,rate=0.3)"})
    void neutralSettingsTrainTheSynchronousBits(String mode) {
        assertThat(alone(mode)).isEqualTo(alone("synchronous"));
    }

    /** A mode that is another one with a setting trains its bits. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    post-local(3,from=0,rate=0.1)     | local(3,rate=0.1)
                    post-local(3,from=1000,rate=0.1)  | synchronous
                    post-local(1,from=4,rate=0.1)     | synchronous
                    dc-asgd(lambda=0)                 | asynchronous(1,damping=false)
                    dc-asgd(lambda=0,adaptive=true)   | asynchronous(1,damping=false)
                    """)
    void oneModeIsAnotherWithASetting(String mode, String other) {
        assertThat(alone(mode)).isEqualTo(alone(other));
    }

    /** The same weights, on the way from there and on the way from the change. */
    @Test
    void dilocoWithoutMomentumAtRateOneAveragesTheWeightsAsLocalStepsDo() {
        var rate = 0.1;
        var inner = "sgd(rate=%s)".formatted(rate);
        var diloco =
                SimulatedCluster.undisturbed(
                        SCENARIO.with(Scenario.spec(12, SHARDS, 20))
                                .with("sgd(rate=1.0)")
                                .withMode(
                                        "diloco(3,rate=1,momentum=0,inner=%s)".formatted(inner),
                                        CLOCK));
        var local =
                SimulatedCluster.undisturbed(
                        SCENARIO.with(Scenario.spec(12, SHARDS, 20))
                                .with(inner)
                                .withMode("local(3,rate=%s)".formatted(rate), CLOCK));
        assertThat(diloco).hasSameSizeAs(local);
        for (var i = 0; i < local.length; i++) {
            assertThat(diloco[i]).isCloseTo(local[i], org.assertj.core.data.Offset.offset(1e-5f));
        }
    }

    @Test
    void asynchronousTrainingOfOneVirtualWorkerIsSynchronous() {
        var scenario = Scenario.standard().with(Scenario.spec(14, 1, 20));
        assertThat(SimulatedCluster.undisturbed(scenario.withMode("asynchronous", CLOCK)))
                .isEqualTo(SimulatedCluster.undisturbed(scenario))
                .isEqualTo(SimulatedCluster.undisturbed(scenario.withMode("stale(3)", CLOCK)));
    }

    @Test
    void theModesDoNotAgree() {
        // Guards the tests above: weights that do not follow from the mode would pass them.
        var all =
                List.of("synchronous", "backup(2)", "stale(2)", "asynchronous", "asynchronous(4)");
        assertThat(all.stream().map(SyncModeClusterTest::alone).map(List::of).distinct())
                .hasSize(all.size());
    }

    /** The whole run without a cluster: each task with the weights of its version. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "backup(2)",
                "stale(2)",
                "asynchronous(4)",
                "asynchronous(3,damping=false)",
                "dc-asgd(0.5)",
                "dc-asgd(2,adaptive=true,m=0.9)"
            })
    void theWeightsAreThoseOfTheSchedule(String mode) {
        var scenario = SCENARIO.withMode(mode, CLOCK);
        var hand = new ByHand(scenario);
        var plan = hand.plan;
        var squares = hand.vector();
        for (var step = 0L; step < scenario.steps(); step++) {
            var terms = new ArrayList<MemorySegment>();
            var samples = 0;
            for (var task : plan.tasks(step).tasks()) {
                var gradient = hand.vector();
                samples += hand.gradient(task.worker(), task.batch(), task.version(), gradient);
                var then = hand.versions.get((int) task.version());
                switch (mode) {
                    case "dc-asgd(0.5)" -> compensate(0.5, samples, then, hand.weights(), gradient);
                    case "dc-asgd(2,adaptive=true,m=0.9)" ->
                            adapt(squares, samples, then, hand.weights(), gradient);
                    default -> {}
                }
                Floats.scale((float) plan.mode().weight(task.staleness(step)), gradient);
                terms.add(gradient);
            }
            hand.step(hand.sum(terms), samples);
        }
        assertThat(alone(mode)).isEqualTo(Floats.toArray(hand.weights()));
    }

    /** Zheng et al. 2017, equation 10, of a step with one gradient. */
    private static void compensate(
            double lambda, int samples, MemorySegment then, MemorySegment now, MemorySegment sum) {
        for (var i = 0L; i < Floats.count(sum); i++) {
            var s = Floats.get(sum, i);
            var moved = Floats.get(now, i) - Floats.get(then, i);
            Floats.set(sum, i, s + (float) lambda / samples * s * s * moved);
        }
    }

    /** The same with a factor of 2 over the root of a moving mean square. */
    private static void adapt(
            MemorySegment squares,
            int samples,
            MemorySegment then,
            MemorySegment now,
            MemorySegment sum) {
        for (var i = 0L; i < Floats.count(sum); i++) {
            double s = Floats.get(sum, i);
            var g = s / samples;
            var square = 0.9 * Floats.get(squares, i) + (1 - 0.9) * g * g;
            Floats.set(squares, i, (float) square);
            var lambda = 2 / Math.sqrt(square + 1e-7);
            var moved = (double) Floats.get(now, i) - Floats.get(then, i);
            Floats.set(sum, i, (float) s + (float) (lambda * g * g * moved * samples));
        }
    }

    /** The momenta are the virtual workers', so no process, death or restart changes them. */
    @Test
    void momentaOfVirtualWorkersAreThoseByHand() {
        var scenario =
                Scenario.standard()
                        .with(Scenario.spec(12, SHARDS, 20))
                        .with(new Scenario.Averages("median", "worker-momentum(0.8)", "none", 0));
        var own = new ByHand(scenario);
        var momenta = new ArrayList<MemorySegment>();
        for (var worker = 0; worker < SHARDS; worker++) {
            momenta.add(own.vector());
        }
        for (var step = 0L; step < scenario.steps(); step++) {
            for (var worker = 0; worker < SHARDS; worker++) {
                var gradient = own.vector();
                var count = own.gradient(worker, step, step, gradient);
                Floats.divide(count, gradient);
                var momentum = momenta.get(worker);
                for (var i = 0; i < Floats.count(gradient); i++) {
                    var moved =
                            0.8f * Floats.get(momentum, i)
                                    + (float) (1 - 0.8) * Floats.get(gradient, i);
                    Floats.set(momentum, i, moved);
                }
            }
            own.step(median(own, momenta), 1);
        }
        var expected = Floats.toArray(own.weights());
        for (var processes = 1; processes <= 3; processes++) {
            var cluster = new SimulatedCluster(scenario, processes);
            for (var i = 0; i < processes; i++) {
                cluster.join(1 + i % 2, i == 0 && processes == 1);
            }
            cluster.runToStep(4);
            cluster.crash(1_000_000);
            cluster.run();
            cluster.requireLaws();
            assertThat(cluster.weights()).isEqualTo(expected);
        }
    }

    /** By hand; a run goes on with them after a crash. */
    @Test
    void staleGradientsOfFaultyWorkersAreThoseByHand() {
        var scenario =
                Scenario.standard()
                        .with(Scenario.spec(12, SHARDS, 20))
                        .with(new Scenario.Averages("median", "none", "stale(age=2)", 2));
        var own = new ByHand(scenario);
        var history = new ArrayList<List<MemorySegment>>();
        for (var step = 0L; step < scenario.steps(); step++) {
            var gradients = new ArrayList<MemorySegment>();
            for (var worker = 0; worker < SHARDS; worker++) {
                var gradient = own.vector();
                Floats.divide(own.gradient(worker, step, step, gradient), gradient);
                gradients.add(gradient);
            }
            history.add(gradients);
            var sent = new ArrayList<>(gradients.subList(0, SHARDS - 2));
            sent.addAll(history.get((int) Math.max(0, step - 2)).subList(SHARDS - 2, SHARDS));
            own.step(median(own, sent), 1);
        }
        assertCrashesCostNothing(scenario, own.weights(), 0);
    }

    /** From the medoid in the first step, then from the average of the step before. */
    @Test
    void clippingBeginsWithTheAverageOfTheStepBefore() {
        var tau = 0.3;
        var scenario =
                Scenario.standard()
                        .with(Scenario.spec(12, SHARDS, 20))
                        .with(
                                Scenario.Averages.of(
                                        "centered-clipping(tau=%s,relative=false)".formatted(tau)));
        var own = new ByHand(scenario);
        var centre = new double[0];
        for (var step = 0L; step < scenario.steps(); step++) {
            var vectors = new ArrayList<double[]>();
            for (var worker = 0; worker < SHARDS; worker++) {
                var gradient = own.vector();
                Floats.divide(own.gradient(worker, step, step, gradient), gradient);
                vectors.add(doubles(gradient));
            }
            centre = clipped(vectors, step == 0 ? medoid(vectors) : centre, tau);
            var average = own.vector();
            for (var k = 0; k < centre.length; k++) {
                Floats.set(average, k, (float) centre[k]);
            }
            own.step(average, 1);
        }
        assertCrashesCostNothing(scenario, own.weights(), 1e-4f);
    }

    private static double[] doubles(MemorySegment vector) {
        return IntStream.range(0, (int) Floats.count(vector))
                .mapToDouble(k -> Floats.get(vector, k))
                .toArray();
    }

    private static double[] clipped(List<double[]> vectors, double[] centre, double tau) {
        var out = centre.clone();
        for (var vector : vectors) {
            var share = Math.min(1, tau / distance(vector, centre)) / vectors.size();
            for (var k = 0; k < out.length; k++) {
                out[k] += share * (vector[k] - centre[k]);
            }
        }
        return out;
    }

    private static double[] medoid(List<double[]> vectors) {
        return vectors.stream()
                .min(
                        Comparator.comparingDouble(
                                x -> vectors.stream().mapToDouble(y -> distance(x, y)).sum()))
                .orElseThrow();
    }

    private static double distance(double[] left, double[] right) {
        return Math.sqrt(
                IntStream.range(0, left.length)
                        .mapToDouble(k -> (left[k] - right[k]) * (left[k] - right[k]))
                        .sum());
    }

    private static void assertCrashesCostNothing(
            Scenario scenario, MemorySegment expected, float tolerance) {
        var runs = new ArrayList<float[]>();
        for (var processes = 1; processes <= 3; processes++) {
            var cluster = new SimulatedCluster(scenario, processes);
            for (var i = 0; i < processes; i++) {
                cluster.join(1 + i % 2, i == 0 && processes == 1);
            }
            cluster.runToStep(4);
            cluster.crash(1_000_000);
            cluster.run();
            cluster.requireLaws();
            assertThat(cluster.weights())
                    .containsExactly(Floats.toArray(expected), within(tolerance));
            runs.add(cluster.weights());
            assertThat(cluster.weights()).isEqualTo(runs.getFirst());
        }
    }

    private static MemorySegment median(ByHand own, List<MemorySegment> vectors) {
        var out = own.vector();
        for (var i = 0L; i < Floats.count(out); i++) {
            var index = i;
            var sorted =
                    vectors.stream().map(vector -> Floats.get(vector, index)).sorted().toList();
            // Of an even number, the mean of the two in the middle, in doubles.
            var middle = ((double) sorted.get(SHARDS / 2 - 1) + sorted.get(SHARDS / 2)) / 2;
            Floats.set(out, i, (float) middle);
        }
        return out;
    }

    /** Plain SGD at one rate: a step of the run leaves the mean of the workers' weights. */
    @Test
    void localStepsAverageTheWeightsOfTheWorkers() {
        var mode = "local(3,rate=0.1)";
        var scenario =
                Scenario.standard()
                        .with(Scenario.WITHOUT_MOMENTUM)
                        .with(Scenario.spec(12, SHARDS, 20))
                        .withMode(mode, CLOCK);
        var hand = new ByHand(scenario);
        for (var step = 0L; step < scenario.steps(); step++) {
            var first = hand.plan.train(step).batch();
            var batches = hand.plan.batchesOf(hand.plan.train(step));
            var mean = hand.vector();
            for (var worker = 0; worker < SHARDS; worker++) {
                var local = hand.vector();
                Floats.copy(hand.weights(), local);
                for (var batch = first; batch < first + batches; batch++) {
                    var gradient = hand.vector();
                    var count = hand.gradient(worker, batch, local, gradient);
                    Floats.scale(-0.1f / count, gradient);
                    Floats.add(gradient, local);
                }
                Floats.add(local, mean);
            }
            Floats.divide(SHARDS, mean);
            hand.become(mean);
        }
        var trained = SimulatedCluster.undisturbed(scenario);
        var expected = Floats.toArray(hand.weights());
        for (var i = 0; i < trained.length; i++) {
            assertThat(trained[i])
                    .isCloseTo(expected[i], org.assertj.core.data.Offset.offset(1e-5f));
        }
    }

    /** A run of an epoch counts every sample once in every mode that drops none. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "synchronous",
                "stale(2)",
                "asynchronous(4)",
                "local(3,rate=0.1)",
                "post-local(3,from=2,rate=0.1)"
            })
    void theStepsOfAnEpochHaveAsManySamplesAsThereAre(String mode) {
        var spec = SCENARIO.withMode(mode, CLOCK).spec();
        var plan = new SamplePlan(spec, Scenario.DATA);
        var samples =
                IntStream.range(0, (int) plan.stepsBefore(1))
                        .map(step -> plan.expected(step).samples())
                        .sum();
        // Workers of a schedule are not all at the same batch when the epoch ends.
        var slack = plan.mode().isWhole() ? 0 : 14;
        assertThat(samples).isBetween(72 - slack, 72 + slack);
    }

    @Test
    void stepsTellTheirTasksAndTheVirtualTime() {
        var cluster = cluster("asynchronous(4)", 1);
        cluster.join(2, false);
        cluster.run();
        var times =
                cluster.history(Decision.StepTaken.class).stream()
                        .map(Decision.StepTaken::report)
                        .peek(report ->
                                assertThat(report.virtualBytes())
                                        .isEqualTo(4L * 2 * cluster.weights().length * 4))
                        .map(report -> report.schedule().orElseThrow())
                        .peek(schedule -> assertThat(schedule.tasks()).hasSize(4))
                        .map(schedule -> schedule.nanos())
                        .toList();
        assertThat(times).isSorted().doesNotHaveDuplicates();
    }

    private static SimulatedCluster cluster(String mode, long seed) {
        return new SimulatedCluster(SCENARIO.withMode(mode, CLOCK), seed);
    }

    private static void assertBits(SimulatedCluster cluster, String mode) {
        cluster.run();
        cluster.requireLaws();
        assertThat(cluster.weights()).isEqualTo(alone(mode));
    }

    private static float[] alone(String mode) {
        return ALONE.computeIfAbsent(
                mode, _ -> SimulatedCluster.undisturbed(SCENARIO.withMode(mode, CLOCK)));
    }

    /** Trains without a cluster, and keeps all versions of the weights. */
    private static final class ByHand {
        private final Arena arena = Arena.ofAuto();
        final SamplePlan plan;
        private final ShardComputer computer;
        private final UpdateRule rule;
        private final long length;
        private final TensorLayout layout;
        private final List<MemorySegment> versions = new ArrayList<>();
        private final List<MemorySegment> slots = new ArrayList<>();

        ByHand(Scenario scenario) {
            // One batch at a time, whatever the mode.
            var spec = scenario.withMode("synchronous", CLOCK).spec();
            var model = spec.buildModel();
            length = model.vectorLength();
            layout = TensorLayout.of(model);
            plan = new SamplePlan(scenario.spec(), Scenario.DATA);
            computer =
                    new ShardComputer(
                            arena,
                            spec,
                            Scenario.DATA,
                            model,
                            new PlainKernel(),
                            new VectorPool(arena, length));
            var optimizer = Optimizers.CATALOGUE.parse(scenario.optimizer());
            rule = UpdateRule.of(optimizer);
            for (var slot = 0; slot < optimizer.slotCount(); slot++) {
                slots.add(vector());
            }
            var first = vector();
            model.initialize(Initializers.CATALOGUE.parse("he-normal"), spec.seed(), first);
            versions.add(first);
        }

        MemorySegment vector() {
            return Floats.allocate(arena, length);
        }

        MemorySegment weights() {
            return versions.getLast();
        }

        int gradient(int worker, long batch, long version, MemorySegment out) {
            return gradient(worker, batch, versions.get((int) version), out);
        }

        int gradient(int worker, long batch, MemorySegment with, MemorySegment out) {
            var shard = new ShardRange(worker, worker + 1);
            Totals totals =
                    computer.train(
                            new Lease(new Work.Train(batch), shard, 0, new WorkerId(0)),
                            Elements.of(with),
                            List.of(),
                            Elements.of(out),
                            SubtreeSum.Progress.NONE);
            return totals.samples();
        }

        /** Adds along the tree over the terms. */
        MemorySegment sum(List<MemorySegment> terms) {
            if (terms.size() == 1) {
                return terms.getFirst();
            }
            var left = Integer.highestOneBit(terms.size() - 1);
            var out = vector();
            Floats.add(sum(terms.subList(0, left)), sum(terms.subList(left, terms.size())), out);
            return out;
        }

        void step(MemorySegment sum, int samples) {
            var after = vector();
            rule.apply(
                    versions.size() - 1L,
                    layout,
                    GradientSum.of(sum, samples),
                    slots,
                    new SteppedWeights(weights(), after, Elements.NONE));
            versions.add(after);
        }

        void become(MemorySegment weights) {
            versions.add(weights);
        }
    }
}
