package dev.tutti.deploy.data;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.nn.loss.SoftmaxCrossEntropy;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code --class-weights}: how much a sample of each class counts. The weights become an argument
 * of the loss, and so travel to the workers, stand in the model's file and are compared when a run
 * is resumed.
 */
public final class ClassWeights {
    private static final String BALANCED = "balanced";
    private static final int NAMES_SHOWN_MAX = 10;

    private ClassWeights() {}

    /**
     * Returns the loss with weights.
     *
     * @param text {@code balanced}, or a weight for some classes by name; the others have 1
     * @param trainRows the rows that balanced weights are measured on
     */
    public static Loss of(String text, Dataset dataset, int[] trainRows, Loss loss) {
        if (!(dataset.targets() instanceof Targets.Labels labels)) {
            throw refused(
                    "needs classes, but the targets %s of %s are real values: give --task classification, or leave it out"
                            .formatted(
                                    String.join(",", dataset.targets().names()), dataset.name()));
        }
        if (!(loss instanceof SoftmaxCrossEntropy)) {
            throw refused(
                    "needs --loss softmax-cross-entropy, was %s"
                            .formatted(Losses.CATALOGUE.format(loss)));
        }
        if (loss.isWeighted()) {
            throw refused("and weights of --loss are both given: leave one out");
        }
        return new SoftmaxCrossEntropy(
                text.equals(BALANCED) ? balanced(labels, trainRows) : named(text, labels.names()));
    }

    /**
     * Returns samples / (classes × samples of the class), scikit-learn's {@code "balanced"}: every
     * class counts the same in all, and the mean weight of the samples is 1. A class without
     * training samples is none of these classes, and has the weight 1.
     */
    private static List<Float> balanced(Targets.Labels labels, int[] trainRows) {
        var counts = labels.counts(trainRows);
        var classes = IntStream.of(counts).filter(count -> count > 0).count();
        var weights = new ArrayList<Float>();
        for (var count : counts) {
            weights.add(count == 0 ? 1f : (float) (trainRows.length / ((double) classes * count)));
        }
        return weights;
    }

    /** Reads {@code a=1,b=20}; a name may itself hold commas and equals signs. */
    private static List<Float> named(String text, List<String> names) {
        var weights = new ArrayList<>(Collections.nCopies(names.size(), 1f));
        var seen = new HashSet<Integer>();
        var at = 0;
        while (at <= text.length()) {
            var index = longestNameAt(text, at, names);
            if (index < 0) {
                throw refused(
                        "must be balanced, or weights by class such as %s=20; \"%s\" begins with no class and =; there are: %s"
                                .formatted(names.getLast(), text.substring(at), listed(names)));
            }
            if (!seen.add(index)) {
                throw refused("has two weights for the class " + names.get(index));
            }
            var from = at + names.get(index).length() + 1;
            var comma = text.indexOf(',', from);
            var to = comma < 0 ? text.length() : comma;
            weights.set(index, weight(names.get(index), text.substring(from, to)));
            at = to + 1;
        }
        return weights;
    }

    private static int longestNameAt(String text, int at, List<String> names) {
        return IntStream.range(0, names.size())
                .boxed()
                .filter(k -> text.startsWith(names.get(k) + "=", at))
                .max(Comparator.comparingInt(k -> names.get(k).length()))
                .orElse(-1);
    }

    private static float weight(String name, String text) {
        try {
            var weight = Float.parseFloat(text.strip());
            if (weight > 0 && Float.isFinite(weight)) {
                return weight;
            }
        } catch (NumberFormatException _) {
            // Falls to the refusal below.
        }
        throw refused(
                "has \"%s\" as the weight of %s; expected a finite number above 0"
                        .formatted(text, name));
    }

    private static String listed(List<String> names) {
        return names.size() <= NAMES_SHOWN_MAX
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, NAMES_SHOWN_MAX)) + ", …";
    }

    private static UserException refused(String why) {
        return new UserException(ExitCode.USAGE, "--class-weights " + why);
    }
}
