package dev.tutti.common.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.loss.BinaryCrossEntropy;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Mse;
import dev.tutti.common.nn.loss.SoftmaxCrossEntropy;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReportTest {
    private final Arena arena = Arena.ofAuto();

    /**
     * The figures are those of scikit-learn 1.9: {@code classification_report([0,0,0,1,1,2],
     * [0,0,1,1,2,2], digits=6)}.
     */
    @Test
    void classesHaveTheFiguresOfScikitLearn() {
        var report =
                classes(List.of("a", "b", "c"), new int[] {0, 0, 0, 1, 1, 2}, 0, 0, 1, 1, 2, 2);
        assertThat(report.samples()).isEqualTo(6);
        assertThat(report.accuracy()).isCloseTo(0.666667, within(1e-6));
        assertThat(report.classes())
                .containsExactly(
                        new ClassReport.Figures("a", 3, 2, 1.0, 2.0 / 3, 0.8),
                        new ClassReport.Figures("b", 2, 2, 0.5, 0.5, 0.5),
                        new ClassReport.Figures("c", 1, 2, 0.5, 1.0, 2.0 / 3));
        assertThat(report.macro().precision()).isCloseTo(0.666667, within(1e-6));
        assertThat(report.macro().recall()).isCloseTo(0.722222, within(1e-6));
        assertThat(report.macro().f1()).isCloseTo(0.655556, within(1e-6));
        assertThat(report.confusion())
                .containsExactly(
                        new ClassReport.Cell(0, 0, 2),
                        new ClassReport.Cell(0, 1, 1),
                        new ClassReport.Cell(1, 1, 1),
                        new ClassReport.Cell(1, 2, 1),
                        new ClassReport.Cell(2, 2, 1));
    }

    @Test
    void aFigureWithoutSamplesIsAbsentAndNot0() {
        var report = classes(List.of("a", "b", "c", "d"), new int[] {0, 0, 1}, 0, 3, 0);
        assertThat(report.classes())
                .containsExactly(
                        new ClassReport.Figures("a", 2, 2, 0.5, 0.5, 0.5),
                        new ClassReport.Figures("b", 1, 0, null, 0.0, 0.0),
                        new ClassReport.Figures("c", 0, 0, null, null, null),
                        new ClassReport.Figures("d", 0, 1, 0.0, null, 0.0));
        assertThat(report.macro()).isEqualTo(new ClassReport.Means(0.25, 0.25, 0.5 / 3));
    }

    @Test
    void anOutputThatNoClassBelongsToIsAnAnswerToo() {
        var labels = new Targets.Labels(List.of("a"), arena.allocateFrom(ValueLayout.JAVA_INT, 0));
        var report =
                (ClassReport) report(labels, new SoftmaxCrossEntropy(), new int[] {0}, 2, 0, 1);
        assertThat(report.classes().getLast())
                .isEqualTo(new ClassReport.Figures("output 1", 0, 1, 0.0, null, 0.0));
    }

    /** {@code r2_score([3, -0.5, 2, 7], [2.5, 0, 2, 8])} and its kin, from scikit-learn's pages. */
    @Test
    void realValuesHaveTheFiguresOfScikitLearn() {
        var report =
                (ValueReport)
                        report(
                                values(List.of("y", "z"), 3, 1, -0.5f, 1, 2, 1, 7, 1),
                                new Mse(),
                                IntStream.range(0, 4).toArray(),
                                2,
                                2.5f,
                                1,
                                0,
                                1,
                                2,
                                1,
                                8,
                                2);
        var first = report.targets().getFirst();
        assertThat(first.r2()).isCloseTo(0.948608137, within(1e-9));
        assertThat(first.mae()).isEqualTo(0.5);
        assertThat(first.rmse()).isCloseTo(Math.sqrt(0.375), within(1e-12));
        assertThat(report.targets().getLast())
                .isEqualTo(new ValueReport.Figures("z", null, 0.25, 0.5));
    }

    @Test
    void targetsOf0And1UnderLogitsAreCounted() {
        var report =
                report(
                        values(List.of("p"), 1, 1, 0, 0, 0),
                        new BinaryCrossEntropy(),
                        IntStream.range(0, 5).toArray(),
                        1,
                        0.2f,
                        -0.2f,
                        0.1f,
                        -3,
                        0);
        assertThat(report)
                .isEqualTo(
                        new BinaryReport(
                                5,
                                0.5,
                                List.of(new BinaryReport.Figures("p", 2, 2, 0.6, 0.5, 0.5, 0.5))));
    }

    @Test
    void aTargetBetween0And1MakesProbabilitiesRealValues() {
        var report =
                (ValueReport)
                        report(
                                values(List.of("p"), 1, 0.25f),
                                new BinaryCrossEntropy(),
                                new int[] {0, 1},
                                1,
                                0,
                                0);
        assertThat(report.targets().getFirst().mae()).isEqualTo(0.375);
    }

    @Test
    void blocksMakeNoDifference() {
        var targets = values(List.of("y"), 3, -0.5f, 2, 7);
        var outputs = new float[] {2.5f, 0, 2, 8};
        var rows = new int[] {0, 1, 2, 3};
        var tally = Tally.of(dataset(targets), new Mse(), rows, 1, Optional.empty());
        for (var i = 0; i < rows.length; i++) {
            tally.add(rows, i, i + 1, Floats.of(arena, outputs[i]));
        }
        assertThat(tally.report()).isEqualTo(report(targets, new Mse(), rows, 1, outputs));
    }

    private ClassReport classes(List<String> names, int[] labels, int... answers) {
        var outputs = new float[labels.length * names.size()];
        for (var i = 0; i < answers.length; i++) {
            outputs[i * names.size() + answers[i]] = 1;
        }
        var targets = new Targets.Labels(names, arena.allocateFrom(ValueLayout.JAVA_INT, labels));
        var rows = IntStream.range(0, labels.length).toArray();
        return (ClassReport)
                report(targets, new SoftmaxCrossEntropy(), rows, names.size(), outputs);
    }

    private Targets values(List<String> names, float... values) {
        return new Targets.Values(names, Floats.of(arena, values));
    }

    private Report report(Targets targets, Loss loss, int[] rows, int width, float... outputs) {
        var tally = Tally.of(dataset(targets), loss, rows, width, Optional.empty());
        tally.add(rows, 0, rows.length, Floats.of(arena, outputs));
        return tally.report();
    }

    private Dataset dataset(Targets targets) {
        var width = targets instanceof Targets.Labels ? 1 : targets.names().size();
        var count = (int) (targets.bytes().byteSize() / Floats.BYTES / width);
        return new Dataset(
                "data",
                Shape.of(1),
                count,
                0,
                List.of(),
                new Features.Reals(Floats.allocate(arena, count)),
                targets);
    }
}
