package dev.tutti.deploy;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The line that says that a model is no better than one answer for all. */
final class NoBetter {
    private NoBetter() {}

    /**
     * Returns the line, if it is so.
     *
     * @param samples what the figures are of, such as "test samples"
     * @param accuracy of the model, if there are classes
     * @param baselineAccuracy of the most frequent class, over the same samples
     * @param loss of the model
     * @param baselineLoss of the mean, over the same samples, if the targets are real values
     */
    static Optional<String> line(
            String samples,
            @Nullable Double accuracy,
            @Nullable Double baselineAccuracy,
            @Nullable Double loss,
            @Nullable Double baselineLoss) {
        if (accuracy != null && baselineAccuracy != null && accuracy <= baselineAccuracy) {
            return Optional.of(
                    String.format(
                            Locale.ROOT,
                            "warning: the model is no better than always answering the most frequent class of the training samples: accuracy %.4f on the %s, and %.4f without a model",
                            accuracy,
                            samples,
                            baselineAccuracy));
        }
        if (loss != null && baselineLoss != null && !(loss < baselineLoss)) {
            return Optional.of(
                    String.format(
                            Locale.ROOT,
                            "warning: the model is no better than always answering the mean of the training samples: loss %.6g on the %s, and %.6g without a model",
                            loss,
                            samples,
                            baselineLoss));
        }
        return Optional.empty();
    }
}
