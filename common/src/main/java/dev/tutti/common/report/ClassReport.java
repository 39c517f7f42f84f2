package dev.tutti.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How often a model finds each class.
 *
 * @param samples how many
 * @param accuracy share of the samples whose class the model finds
 * @param macro means over the classes, each of the same weight
 * @param classes figures of each class, in the order of the labels
 * @param confusion the cells of the confusion matrix that are not 0, by class, then by answer
 */
public record ClassReport(
        int samples, double accuracy, Means macro, List<Figures> classes, List<Cell> confusion)
        implements Report {
    /** Copies the lists. */
    public ClassReport {
        classes = List.copyOf(classes);
        confusion = List.copyOf(confusion);
    }

    /**
     * One cell of the confusion matrix.
     *
     * @param actual index of the samples' class
     * @param predicted index of the class that the model takes them for
     * @param samples how many
     */
    public record Cell(int actual, int predicted, int samples) {}

    /**
     * Means over those classes that have the figure: scikit-learn's macro average with {@code
     * zero_division=nan}. A mean over no class is absent.
     *
     * @param recall also called the balanced accuracy
     */
    public record Means(@Nullable Double precision, @Nullable Double recall, @Nullable Double f1) {}

    /**
     * One class.
     *
     * @param name of the class
     * @param samples that are of the class (scikit-learn: support)
     * @param predicted samples that the model takes for it
     * @param precision share of {@code predicted} that is right; absent if that is 0
     * @param recall share of {@code samples} that is found; absent if that is 0
     * @param f1 harmonic mean of both; absent if both counts are 0
     */
    public record Figures(
            String name,
            int samples,
            int predicted,
            @Nullable Double precision,
            @Nullable Double recall,
            @Nullable Double f1) {}

    /** Returns the report of a confusion matrix over classes of these names. */
    static ClassReport of(List<String> names, List<Cell> confusion) {
        var ofClass = new int[names.size()];
        var predicted = new int[names.size()];
        var right = new int[names.size()];
        var samples = 0;
        var rightInAll = 0;
        for (var cell : confusion) {
            ofClass[cell.actual()] += cell.samples();
            predicted[cell.predicted()] += cell.samples();
            samples += cell.samples();
            if (cell.actual() == cell.predicted()) {
                right[cell.actual()] += cell.samples();
                rightInAll += cell.samples();
            }
        }
        var classes = new ArrayList<Figures>();
        for (var k = 0; k < names.size(); k++) {
            classes.add(figures(names.get(k), ofClass[k], predicted[k], right[k]));
        }
        return new ClassReport(
                samples,
                (double) rightInAll / samples,
                new Means(
                        mean(classes, Figures::precision),
                        mean(classes, Figures::recall),
                        mean(classes, Figures::f1)),
                classes,
                confusion);
    }

    private static Figures figures(String name, int samples, int predicted, int right) {
        var counts = new Counts(right, predicted - right, samples - right);
        return new Figures(
                name, samples, predicted, counts.precision(), counts.recall(), counts.f1());
    }

    private static @Nullable Double mean(
            List<Figures> classes, Function<Figures, @Nullable Double> figure) {
        var known = classes.stream().map(figure).filter(Objects::nonNull).toList();
        if (known.isEmpty()) {
            return null;
        }
        var sum = 0.0;
        for (var value : known) {
            sum += value;
        }
        return sum / known.size();
    }
}
