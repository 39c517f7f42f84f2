package dev.tutti.common.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.average.Totals;
import dev.tutti.common.format.FormatException;
import dev.tutti.common.format.Safetensors;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.step.course.SavedBest;
import dev.tutti.common.step.course.SavedLedger;
import dev.tutti.common.step.course.SavedRun;
import dev.tutti.common.step.course.SavedTask;
import dev.tutti.common.step.course.SavedVector;
import dev.tutti.common.step.course.SavedVersion;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.sync.order.Task;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A checkpoint gives back what it was given, or says that it is damaged; never anything between.
 */
class CheckpointTest {
    private static final long SEED = 5;
    private static final Arena ARENA = Arena.ofAuto();
    private static final Model MODEL =
            Model.of(Layers.CATALOGUE.parseList("dense(3),batch-norm,relu,dense"), Shape.of(4), 2);

    private static final Map<String, String> CONFIGURATION =
            Map.of("batch", "32", "data", "\"tutti.sha256\":\"0000");

    static List<Work> works() {
        return List.of(
                new Work.Train(0),
                new Work.Train(1L << 40),
                new Work.Evaluate(7, Part.VALIDATION),
                new Work.Evaluate(7, Part.TEST));
    }

    @ParameterizedTest
    @MethodSource("works")
    void whatIsReadIsWhatWasWritten(Work next) {
        var run = run(next, 2, true);
        var read = Checkpoint.read(file(run));
        assertThat(read.configuration()).isEqualTo(CONFIGURATION);
        assertThat(read.figures()).isEqualTo("{\"a\":1}");
        assertSame(read.load(MODEL, state(2, _ -> 0)), run);
    }

    @Test
    void aRunWithoutABestEpochKeepsItsInfiniteLoss() {
        var run =
                new SavedRun(
                        new Work.Train(3),
                        state(0, i -> i),
                        new SavedBest(Double.POSITIVE_INFINITY, 0, 0, Floats.NONE),
                        new SavedLedger(0, 0, 0, 0),
                        "",
                        List.of(),
                        List.of(),
                        List.of());
        assertSame(Checkpoint.read(file(run)).load(MODEL, state(0, _ -> 0)), run);
    }

    /** What virtual workers have: gradients of weights that are gone, and momenta. */
    @Test
    void whatVirtualWorkersHaveIsReadAsItWasWritten() {
        var run = withWorkers(run(new Work.Train(7), 1, true));
        assertSame(Checkpoint.read(file(run)).load(MODEL, state(1, _ -> 0)), run);
        var copy = run.copy(ARENA);
        Floats.fill(9, run.tasks().getFirst().gradient());
        Floats.fill(9, run.vectors().getFirst().values());
        Floats.fill(9, run.versions().getFirst().weights());
        assertSame(copy, withWorkers(run(new Work.Train(7), 1, true)));
    }

    @Test
    void aVectorOfAVirtualWorkerThatIsMissingIsRefused() {
        var run = withWorkers(run(new Work.Train(7), 1, true));
        var read = Checkpoint.read(file(run));
        for (var name : List.of("tasks.1", "versions.1", "vectors.0")) {
            var without =
                    new Checkpoint(
                            read.position(),
                            read.configuration(),
                            read.figures(),
                            read.tensors().stream()
                                    .filter(tensor -> !tensor.name().equals(name))
                                    .toList());
            assertThatThrownBy(() -> without.load(MODEL, state(1, _ -> 0)))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("\"%s\" is not there".formatted(name));
        }
    }

    private static SavedRun withWorkers(SavedRun run) {
        var random = Seeds.of(SEED, "workers");
        var tasks =
                List.of(
                        new SavedTask(
                                new Task(1, 9, 4), new Totals(3, 1 / 3.0, 2, -5), vector(random)),
                        new SavedTask(new Task(2, 8, 6), new Totals(1, 0.5, 0, 7), vector(random)));
        return new SavedRun(
                run.next(),
                run.state(),
                run.best(),
                run.ledger(),
                run.fingerprint(),
                tasks,
                List.of(new SavedVersion(4, vector(random)), new SavedVersion(6, vector(random))),
                List.of(new SavedVector("momentum.2", vector(random))));
    }

    private static MemorySegment vector(Seeds random) {
        return state(0, _ -> (float) random.nextDouble()).weights();
    }

    @Test
    void theWeightsAreThereForAnyReaderOfSafetensors() {
        var content = Safetensors.read(file(run(new Work.Train(3), 1, true)));
        assertThat(content.tensors())
                .extracting(Safetensors.Tensor::name)
                .contains("0.weight", "slots.0.0.weight", "best.0.weight");
    }

    @Test
    void everyFlippedBitIsFound() {
        var bytes = file(run(new Work.Train(3), 1, false)).toArray(JAVA_BYTE);
        for (var at = 0; at < bytes.length; at++) {
            for (var bit = 0; bit < 8; bit++) {
                bytes[at] ^= (byte) (1 << bit);
                var damaged = MemorySegment.ofArray(bytes);
                assertThatThrownBy(() -> Checkpoint.read(damaged))
                        .as("bit %d of byte %d", bit, at)
                        .isInstanceOf(FormatException.class);
                bytes[at] ^= (byte) (1 << bit);
            }
        }
    }

    @Test
    void everyCutIsFound() {
        var bytes = file(run(new Work.Train(3), 1, false)).toArray(JAVA_BYTE);
        for (var length = 0; length < bytes.length; length++) {
            var cut = MemorySegment.ofArray(Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Checkpoint.read(cut))
                    .as("the first %d bytes", length)
                    .isInstanceOf(FormatException.class);
        }
    }

    @Test
    void bytesBehindTheEndAreFound() {
        var bytes = file(run(new Work.Train(3), 1, false)).toArray(JAVA_BYTE);
        var longer = MemorySegment.ofArray(Arrays.copyOf(bytes, bytes.length + 4));
        assertThatThrownBy(() -> Checkpoint.read(longer)).isInstanceOf(FormatException.class);
    }

    @Test
    void aModelFileIsNoCheckpoint() {
        var values = Floats.of(ARENA, 1, 2);
        var model =
                new Safetensors(
                        List.of(new Safetensors.Tensor("0.weight", Shape.of(2), values)),
                        Map.of("format", "pt"));
        var bytes = joined(model.segments());
        assertThatThrownBy(() -> Checkpoint.read(bytes)).hasMessageContaining("no checkpoint");
    }

    @Test
    void aCheckpointOfAnotherOptimizerDoesNotFit() {
        var read = Checkpoint.read(file(run(new Work.Train(3), 1, false)));
        assertThatThrownBy(() -> read.load(MODEL, state(2, _ -> 0)))
                .isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> read.load(MODEL, state(0, _ -> 0)))
                .isInstanceOf(FormatException.class);
    }

    @Test
    void aCopyKeepsWhatTheRunChangesLater() {
        var run = run(new Work.Train(3), 1, true);
        var expected = run(new Work.Train(3), 1, true);
        var copy = run.copy(ARENA);
        Floats.fill(9, run.state().weights());
        Floats.fill(9, run.state().slots().getFirst());
        Floats.fill(9, run.best().weights());
        assertSame(copy, expected);
        assertSame(run.copyOver(copy), run);
    }

    private interface Values {
        float at(long index);
    }

    private static SavedRun run(Work next, int slots, boolean keepsBest) {
        var random = Seeds.of(SEED, "checkpoint");
        var best = keepsBest ? state(0, _ -> (float) random.nextDouble()).weights() : Floats.NONE;
        return new SavedRun(
                next,
                state(slots, _ -> (float) random.nextDouble()),
                new SavedBest(1 / 3.0, 2, 1, best),
                new SavedLedger(5, 6, -7, 8),
                "ab12",
                List.of(),
                List.of(),
                List.of());
    }

    private static TrainingState state(int slots, Values values) {
        var state = TrainingState.allocate(ARENA, MODEL, slots, Precision.FP32);
        fill(values, state.weights());
        state.slots().forEach(slot -> fill(values, slot));
        return state;
    }

    private static void fill(Values values, MemorySegment out) {
        for (long i = 0; i < Floats.count(out); i++) {
            Floats.set(out, i, values.at(i));
        }
    }

    private static MemorySegment file(SavedRun run) {
        return joined(Checkpoint.of(run, MODEL, CONFIGURATION, "{\"a\":1}").write());
    }

    private static MemorySegment joined(List<MemorySegment> segments) {
        var out = new ByteArrayOutputStream();
        segments.forEach(segment -> out.writeBytes(segment.toArray(JAVA_BYTE)));
        return MemorySegment.ofArray(out.toByteArray());
    }

    private static void assertSame(SavedRun actual, SavedRun expected) {
        assertThat(actual.next()).isEqualTo(expected.next());
        assertThat(actual.fingerprint()).isEqualTo(expected.fingerprint());
        assertThat(actual.ledger()).isEqualTo(expected.ledger());
        assertThat(actual.tasks()).hasSameSizeAs(expected.tasks());
        for (var i = 0; i < expected.tasks().size(); i++) {
            var task = expected.tasks().get(i);
            assertThat(actual.tasks().get(i).task()).isEqualTo(task.task());
            assertThat(actual.tasks().get(i).totals()).isEqualTo(task.totals());
            assertThat(Floats.toArray(actual.tasks().get(i).gradient()))
                    .isEqualTo(Floats.toArray(task.gradient()));
        }
        assertThat(actual.versions()).hasSameSizeAs(expected.versions());
        for (var i = 0; i < expected.versions().size(); i++) {
            var version = expected.versions().get(i);
            assertThat(actual.versions().get(i).version()).isEqualTo(version.version());
            assertThat(Floats.toArray(actual.versions().get(i).weights()))
                    .isEqualTo(Floats.toArray(version.weights()));
        }
        assertThat(actual.vectors()).hasSameSizeAs(expected.vectors());
        for (var i = 0; i < expected.vectors().size(); i++) {
            var momentum = expected.vectors().get(i);
            assertThat(actual.vectors().get(i).name()).isEqualTo(momentum.name());
            assertThat(Floats.toArray(actual.vectors().get(i).values()))
                    .isEqualTo(Floats.toArray(momentum.values()));
        }
        assertThat(actual.best().loss()).isEqualTo(expected.best().loss());
        assertThat(actual.best().step()).isEqualTo(expected.best().step());
        assertThat(actual.best().epochsSince()).isEqualTo(expected.best().epochsSince());
        assertThat(Floats.toArray(actual.best().weights()))
                .isEqualTo(Floats.toArray(expected.best().weights()));
        assertThat(Floats.toArray(actual.state().weights()))
                .isEqualTo(Floats.toArray(expected.state().weights()));
        for (var i = 0; i < expected.state().slots().size(); i++) {
            assertThat(Floats.toArray(actual.state().slots().get(i)))
                    .as("slot %d", i)
                    .isEqualTo(Floats.toArray(expected.state().slots().get(i)));
        }
    }
}
