package dev.tutti.common.step.course;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.compute.ShardComputer;
import dev.tutti.common.step.compute.VectorPool;
import dev.tutti.common.step.coordinate.CoordinatorMachine;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Protocol;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Law 6 without files: a run that goes on from a copy of where another stood is that other run. */
class SavedRunTest {
    private static final long SEED = 3;
    private static final long STEPS = 12;
    private static final Arena ARENA = Arena.ofAuto();
    private static final Dataset DATA = data();

    /** Has statistics behind the weights. */
    private static final String OVER_SHARD = "dense(5),batch-norm,relu,dense(3)";

    /** And rounds before the gradient of a step. */
    private static final String OVER_BATCH = "dense(5),batch-norm(over=batch),relu,dense(3)";

    private static final EarlyStopping BEST =
            new EarlyStopping(OptionalDouble.empty(), OptionalInt.of(2));

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "sgd(rate=0.05,momentum=0.9);" + OVER_SHARD,
                "adam(rate=0.05);" + OVER_SHARD,
                "rmsprop(momentum=0.9,centered=true);" + OVER_SHARD,
                "lamb(rate=0.05);" + OVER_SHARD,
                "muon(rate=0.05);" + OVER_BATCH,
                "sgd(rate=0.1);" + OVER_SHARD,
                "adam(rate=0.05);" + OVER_BATCH
            })
    void aRunThatGoesOnFromAnyEventEndsWithTheSameBits(String optimizer, String model) {
        var undisturbed = new Life(optimizer, model);
        undisturbed.run();
        var events = undisturbed.events;
        for (var at = 0; at < events; at++) {
            var first = new Life(optimizer, model);
            first.runFor(at);
            var saved = first.machine.saved().copy(ARENA);
            first.run(); // What the dead one would have done does not matter.
            var second = new Life(optimizer, model);
            second.machine.resume(saved, 0);
            second.run();
            assertThat(second.weights())
                    .as("stopped after event %d", at)
                    .isEqualTo(undisturbed.weights());
            assertThat(second.completed).as("stopped after event %d", at).isTrue();
            assertThat(second.ledger).as("stopped after event %d", at).allMatch(LedgerEntry::exact);
            assertThat(undisturbed.ledger)
                    .as("stopped after event %d", at)
                    .endsWith(second.ledger.toArray(LedgerEntry[]::new));
            assertThat(undisturbed.evaluations)
                    .as("stopped after event %d", at)
                    .endsWith(second.evaluations.toArray(Decision.PartEvaluated[]::new));
        }
    }

    @Test
    void theKernelOfTheFirstLifeIsExpectedInTheSecond() {
        var first = new Life("sgd(rate=0.1)");
        first.runFor(5);
        var second = new Life("sgd(rate=0.1)");
        second.machine.resume(first.machine.saved(), 0);
        assertThat(second.join("another")).anyMatch(Decision.Warning.class::isInstance);
        assertThat(new Life("sgd(rate=0.1)").join("another"))
                .noneMatch(Decision.Warning.class::isInstance);
    }

    @Test
    void aHaltedRunStandsStillAndGivesEverythingBack() {
        var life = new Life("sgd(rate=0.1)");
        life.runFor(6);
        var before = life.machine.saved().copy(ARENA);
        life.machine.halt();
        life.run();
        assertThat(life.machine.saved().next()).isEqualTo(before.next());
        assertThat(life.weights()).isEqualTo(Floats.toArray(before.state().weights()));
        assertThat(life.completed).isFalse();
    }

    /** One life of a coordinator, with a process of two workers that compute as soon as asked. */
    private static final class Life {
        final TrainingState state;
        final CoordinatorMachine machine;
        final ShardComputer computer;
        final Deque<MembersEvent> queue = new ArrayDeque<>();
        final List<BatchStatistics> known = new ArrayList<>();
        final List<LedgerEntry> ledger = new ArrayList<>();
        final List<Decision.PartEvaluated> evaluations = new ArrayList<>();
        boolean completed;
        int events;

        Life(String optimizer) {
            this(optimizer, OVER_SHARD);
        }

        Life(String optimizer, String layers) {
            var spec = spec(layers);
            var model = spec.buildModel();
            var parsed = Optimizers.CATALOGUE.parse(optimizer);
            state = TrainingState.allocate(ARENA, model, parsed.slotCount(), Precision.FP32);
            model.initialize(
                    Initializers.CATALOGUE.parse("he-normal"), spec.seed(), state.weights());
            machine =
                    new CoordinatorMachine(
                            ARENA,
                            spec,
                            new SamplePlan(spec, DATA),
                            STEPS,
                            Limits.standard(1),
                            UpdateRule.of(parsed),
                            BEST,
                            state,
                            index -> "index " + index,
                            Observing.NONE,
                            Auditing.NONE,
                            Optional.empty(),
                            0);
            computer =
                    new ShardComputer(
                            ARENA,
                            spec,
                            DATA,
                            model,
                            new PlainKernel(),
                            new VectorPool(ARENA, model.vectorLength()));
        }

        float[] weights() {
            return Floats.toArray(state.weights());
        }

        void run() {
            runFor(Integer.MAX_VALUE);
        }

        /** Handles so many events at most. */
        void runFor(int count) {
            if (events == 0) {
                join("same").forEach(this::perform);
            }
            for (var i = 0; i < count && !queue.isEmpty(); i++) {
                events++;
                machine.on(queue.remove(), 0).forEach(this::perform);
            }
        }

        List<Decision> join(String fingerprint) {
            var info = new ProcessInfo(2, "host", 1, "plain", fingerprint);
            var process = new ProcessId(0);
            queue.add(new MembersEvent.Received(process, new ToCoordinator.Ready(2, 0)));
            return machine.on(
                    new MembersEvent.Joined(
                            process, new ToCoordinator.Join(Protocol.VERSION, info)),
                    0);
        }

        private void perform(Decision decision) {
            switch (decision) {
                case Decision.Send(_, ToWorker.Statistics(var work, var values)) -> {
                    if (work.round() == 0) {
                        known.clear();
                    }
                    known.add(values);
                }
                case Decision.Send(var process, ToWorker.Grant(var leases)) ->
                        leases.forEach(lease ->
                                queue.add(new MembersEvent.Received(process, compute(lease))));
                case Decision.EpochEnded(var entry) -> ledger.add(entry);
                case Decision.PartEvaluated evaluated -> evaluations.add(evaluated);
                case Decision.Completed() -> completed = true;
                default -> {}
            }
        }

        /** What a worker knows of the batch is what it was told on the way. */
        private ToCoordinator compute(Lease lease) {
            return switch (lease.work()) {
                case Work.Train _ -> {
                    var sum = Floats.allocate(ARENA, Floats.count(state.weights()));
                    var totals =
                            computer.train(
                                    lease,
                                    Elements.of(state.weights()),
                                    known,
                                    Elements.of(sum),
                                    SubtreeSum.Progress.NONE);
                    yield new ToCoordinator.Contribution(lease, totals, 0, 0, Payload.of(sum));
                }
                case Work.Measure(_, var round) -> {
                    var weights = Elements.of(state.weights());
                    var measured = computer.measure(lease, weights, known.subList(0, round));
                    yield new ToCoordinator.Evaluated(
                            lease, measured.totals(), measured.statistics(), 0);
                }
                case Work.Evaluate _ ->
                        new ToCoordinator.Evaluated(
                                lease,
                                computer.evaluate(lease, Elements.of(state.weights())),
                                BatchStatistics.NONE,
                                0);
            };
        }
    }

    /** 26 training samples make epochs of 4 steps. */
    private static RunSpec spec(String model) {
        return new RunSpec(
                model,
                "softmax-cross-entropy",
                Shape.of(4),
                3,
                7,
                8,
                true,
                3,
                0.2,
                0.15,
                "drawn",
                "digest",
                0,
                10,
                Roundings.NONE,
                "mean",
                "none",
                "none",
                0,
                "synchronous",
                RunSpec.NO_CLOCK,
                "iid",
                "fp32",
                "fp32");
    }

    private static Dataset data() {
        var random = Seeds.of(SEED, "saved run");
        var samples = 40;
        var features = Floats.allocate(ARENA, samples * 4L);
        var labels = new int[samples];
        for (var row = 0; row < samples; row++) {
            labels[row] = random.nextInt(3);
            for (var i = 0; i < 4; i++) {
                Floats.set(features, row * 4L + i, (float) random.nextGaussian() + labels[row]);
            }
        }
        return new Dataset(
                "drawn",
                Shape.of(4),
                samples,
                0,
                List.of(),
                new Features.Reals(features),
                new Targets.Labels(
                        List.of("a", "b", "c"), ARENA.allocateFrom(ValueLayout.JAVA_INT, labels)));
    }
}
