package dev.tutti.common.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void floatsAreGatheredRowByRowInTheOrderAsked() {
        assertThat(features(Samples.labelled(arena), 1, 3, 3, 0, 2, 1)).containsExactly(1, 2, 5, 6);
    }

    @Test
    void bytesAreGatheredAsFractionsOf255() {
        assertThat(features(Samples.images(arena), 0, 1, 0))
                .containsExactly(0f, 1 / 255f, 127 / 255f, 128 / 255f, 254 / 255f, 1f);
    }

    /** Of rows that are taken several together, with some left over, and of rows that are cut. */
    @ParameterizedTest
    @ValueSource(ints = {3, 1100, 9001})
    void everyByteIsGatheredAsTheNearestFloat(int width) {
        var count = 10_000 / width + 3;
        var bytes = arena.allocate((long) count * width);
        for (var i = 0; i < count * width; i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 7 / 3));
        }
        var rows = IntStream.range(0, count).map(i -> count - i).toArray();
        var out = Floats.allocate(arena, (long) (count - 1) * width);
        new Features.Bytes(bytes).gather(rows, 1, count, width, out);
        for (var i = 0; i < (count - 1) * width; i++) {
            var source = rows[1 + i / width] * width + i % width;
            var value = (byte) (source * 7 / 3) & 0xff;
            assertThat(Floats.get(out, i)).as("element %d", i).isEqualTo(value / 255f);
        }
    }

    @Test
    void labelsAreGatheredAsOneFloatASample() {
        assertThat(targets(Samples.labelled(arena), Targets.Kind.LABELS, 3, 3, 2, 1, 0))
                .containsExactly(2, 1, 0, 2);
    }

    @Test
    void labelsBecomeOneHotRowsForALossOverValues() {
        assertThat(targets(Samples.labelled(arena), Targets.Kind.VALUES, 4, 0, 1))
                .containsExactly(0, 0, 1, 0, 1, 0, 0, 0);
    }

    @Test
    void oneOutputGetsTheLabelItself() {
        assertThat(targets(Samples.images(arena), Targets.Kind.VALUES, 1, 0, 1))
                .containsExactly(1, 0);
    }

    @Test
    void valuesAreGatheredAsTheyAre() {
        assertThat(targets(Samples.valued(arena), Targets.Kind.VALUES, 2, 2, 0))
                .containsExactly(30, 31, 10, 11);
    }

    @Test
    void realValuesAreRefusedToALossOverLabels() {
        assertThatThrownBy(() -> targets(Samples.valued(arena), Targets.Kind.LABELS, 2, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the loss needs class labels, but the targets y0,y1 of curve are real"
                                + " values: use a loss such as mse or quadratic, or name one column"
                                + " of classes as the target");
    }

    @Test
    void tooFewOutputsForTheClassesAreRefused() {
        assertThatThrownBy(() -> targets(Samples.labelled(arena), Targets.Kind.LABELS, 2, 0))
                .hasMessage(
                        "points has 3 classes, but the model has 2 outputs: give it one for each");
        assertThatThrownBy(() -> targets(Samples.labelled(arena), Targets.Kind.VALUES, 2, 0))
                .isInstanceOf(DataException.class);
        assertThatThrownBy(() -> targets(Samples.labelled(arena), Targets.Kind.LABELS, 1, 0))
                .isInstanceOf(DataException.class);
    }

    @Test
    void anotherNumberOfOutputsThanValuesIsRefused() {
        assertThatThrownBy(() -> targets(Samples.valued(arena), Targets.Kind.VALUES, 3, 0))
                .hasMessageContaining("2 target values a sample (y0,y1)")
                .hasMessageContaining("3 outputs");
    }

    @Test
    void labelsWithoutAClassAreRefused() {
        for (var wrong : new int[] {-1, 2}) {
            var labels = new Targets.Labels(List.of("a", "b"), Samples.ints(arena, 0, wrong));
            assertThatThrownBy(() -> dataset(new float[] {1, 2}, labels))
                    .isInstanceOf(DataException.class)
                    .hasMessage("dataset d: label of sample 1 must be from 0 to 1, was " + wrong);
        }
    }

    @Test
    void numbersThatAreNotFiniteAreRefused() {
        var labels = new Targets.Labels(List.of("a"), Samples.ints(arena, 0, 0));
        for (var wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> dataset(new float[] {1, wrong}, labels))
                    .hasMessage("dataset d: a feature is NaN or infinite");
            var values = new Targets.Values(List.of("y"), Floats.of(arena, wrong, 1));
            assertThatThrownBy(() -> dataset(new float[] {1, 2}, values))
                    .hasMessage("dataset d: a target is NaN or infinite");
        }
    }

    @Test
    void partsOfTheWrongSizeAreRefused() {
        var labels = new Targets.Labels(List.of("a"), Samples.ints(arena, 0, 0));
        assertThatThrownBy(() -> dataset(new float[] {1, 2, 3}, labels))
                .hasMessage("dataset d: its features take 12 bytes, expected 8");
        var short1 = new Targets.Labels(List.of("a"), Samples.ints(arena, 0));
        assertThatThrownBy(() -> dataset(new float[] {1, 2}, short1))
                .hasMessage("dataset d: its labels take 4 bytes, expected 8");
        var short2 = new Targets.Values(List.of("y"), Floats.of(arena, 0));
        assertThatThrownBy(() -> dataset(new float[] {1, 2}, short2))
                .hasMessage("dataset d: its targets take 4 bytes, expected 8");
    }

    @Test
    void aTestSetMustLeaveSamplesToTrainOn() {
        var features = new Features.Reals(Floats.of(arena, 1, 2));
        var labels = new Targets.Labels(List.of("a"), Samples.ints(arena, 0, 0));
        for (var wrong : new int[] {-1, 2}) {
            assertThatThrownBy(() ->
                            new Dataset("d", Shape.of(1), 2, wrong, List.of(), features, labels))
                    .hasMessageContaining("must leave samples to train on: " + wrong + " of 2");
        }
    }

    private Dataset dataset(float[] features, Targets targets) {
        return new Dataset(
                "d",
                Shape.of(1),
                2,
                0,
                List.of("x"),
                new Features.Reals(Floats.of(arena, features)),
                targets);
    }

    private float[] features(Dataset dataset, int from, int to, int... rows) {
        var out = Floats.allocate(arena, (long) (to - from) * dataset.sample().size());
        dataset.gatherFeatures(rows, from, to, out);
        return Floats.toArray(out);
    }

    private float[] targets(Dataset dataset, Targets.Kind wanted, int outputs, int... rows) {
        var width = wanted == Targets.Kind.LABELS ? 1 : outputs;
        var out = Floats.allocate(arena, (long) rows.length * width);
        out.fill((byte) 0x7F);
        dataset.gatherTargets(rows, 0, rows.length, wanted, outputs, out);
        return Floats.toArray(out);
    }
}
