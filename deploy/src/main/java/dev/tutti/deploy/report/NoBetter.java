package dev.tutti.deploy.report;

import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.report.BinaryReport;
import dev.tutti.common.report.ClassReport;
import dev.tutti.common.report.Report;
import dev.tutti.common.report.ValueReport;
import dev.tutti.common.step.compute.Baseline;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** The line that says that a model is no better than one answer for all. */
public final class NoBetter {
    private NoBetter() {}

    /**
     * Returns the line, if it is so.
     *
     * @param samples what the figures are of, such as "the test samples"
     * @param report of the model, over these samples
     * @param meanLoss of the model, over these samples
     * @param baseline of one answer, over these samples; nothing if the model's file has none
     */
    public static Optional<String> line(
            String samples, Loss loss, Report report, double meanLoss, Baseline.Figures baseline) {
        return switch (report) {
            case ClassReport classes when loss.isWeighted() -> weighted(samples, classes);
            case ClassReport classes ->
                    baseline.accuracy()
                            .filter(without -> classes.accuracy() <= without)
                            .map(without -> frequent(samples, classes.accuracy(), without));
            case BinaryReport binary ->
                    mean(samples, meanLoss, baseline).or(() -> binary(samples, binary));
            case ValueReport values ->
                    mean(samples, meanLoss, baseline).or(() -> values(samples, values));
        };
    }

    private static String frequent(String samples, double accuracy, double without) {
        return String.format(
                Locale.ROOT,
                "warning: the model is no better than always answering the most frequent class of the training samples: accuracy %.4f on %s, and %.4f without a model",
                accuracy,
                samples,
                without);
    }

    /** With weights of classes, a class counts and not a sample: accuracy says nothing then. */
    private static Optional<String> weighted(String samples, ClassReport report) {
        var recall = report.macro().recall();
        var known = report.classes().stream().filter(figures -> figures.samples() > 0).count();
        if (recall == null || recall > 1.0 / known) {
            return Optional.empty();
        }
        return Optional.of(
                String.format(
                        Locale.ROOT,
                        "warning: the model is no better than always answering the same class: mean recall of the classes %.4f on %s, and %.4f without a model",
                        recall,
                        samples,
                        1.0 / known));
    }

    private static Optional<String> binary(String samples, BinaryReport report) {
        return report.targets().stream()
                .filter(target -> target.accuracy() <= frequent(target, report.samples()))
                .findFirst()
                .map(target ->
                        String.format(
                                Locale.ROOT,
                                "warning: the model is no better than always answering the most frequent value of %s: accuracy %.4f on %s, and %.4f without a model",
                                target.name(),
                                target.accuracy(),
                                samples,
                                frequent(target, report.samples())));
    }

    /** Returns the share of the value that is more frequent among the samples. */
    private static double frequent(BinaryReport.Figures target, int samples) {
        return (double) Math.max(target.ones(), samples - target.ones()) / samples;
    }

    private static Optional<String> mean(String samples, double loss, Baseline.Figures baseline) {
        return baseline.loss()
                .filter(without -> !(loss < without))
                .map(without ->
                        String.format(
                                Locale.ROOT,
                                "warning: the model is no better than always answering the mean of the training samples: loss %.6g on %s, and %.6g without a model",
                                loss,
                                samples,
                                without));
    }

    /** One target of several may be worse than its mean though the loss is not. */
    private static Optional<String> values(String samples, ValueReport report) {
        var worse =
                report.targets().stream()
                        .filter(target -> target.r2() != null && target.r2() <= 0)
                        .map(target ->
                                String.format(
                                        Locale.ROOT,
                                        "%s %.4f",
                                        target.name(),
                                        Objects.requireNonNull(target.r2())))
                        .collect(Collectors.joining(", "));
        return worse.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        String.format(
                                Locale.ROOT,
                                "warning: the model is no better than always answering the mean of these targets: R² on %s: %s",
                                samples,
                                worse));
    }
}
