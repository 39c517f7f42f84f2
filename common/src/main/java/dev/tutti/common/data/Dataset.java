package dev.tutti.common.data;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Samples with their targets, never changed. The memory belongs to the code that allocated or
 * mapped it and must outlive the dataset.
 *
 * @param name what messages and reports call it
 * @param sample shape of one sample
 * @param count samples
 * @param testCount how many samples at the end are the dataset's own test set; 0 if it has none
 * @param featureNames one for each element of a sample, or none
 * @param features count × sample
 * @param targets count × 1 labels, or count × names values
 */
public record Dataset(
        String name,
        Shape sample,
        int count,
        int testCount,
        List<String> featureNames,
        Features features,
        Targets targets) {
    /** The most dimensions that a sample may have. */
    public static final int RANK_MAX = 8;

    private static final int LABELS_TOGETHER = 1 << 12;

    /**
     * Refuses parts that do not fit each other, labels without a class and numbers that are not
     * finite.
     *
     * @throws DataException naming what was found and expected
     */
    public Dataset {
        featureNames = List.copyOf(featureNames);
        require(count >= 1, name, "it has no samples");
        require(
                sample.rank() >= 1 && sample.rank() <= RANK_MAX,
                name,
                "a sample must have 1 to %d dimensions, has %d".formatted(RANK_MAX, sample.rank()));
        require(
                testCount >= 0 && testCount < count,
                name,
                "its own test set must leave samples to train on: %d of %d"
                        .formatted(testCount, count));
        require(
                featureNames.isEmpty() || featureNames.size() == sample.size(),
                name,
                "%d feature names for samples of %d elements"
                        .formatted(featureNames.size(), sample.size()));
        require(!targets.names().isEmpty(), name, "it has no targets");
        requireBytes(
                name,
                "features",
                (long) count * sample.size() * features.elementBytes(),
                features.bytes());
        requireFinite(name, features, targets);
        switch (targets) {
            case Targets.Labels labels -> {
                requireBytes(name, "labels", (long) count * Integer.BYTES, labels.bytes());
                requireClasses(name, labels);
            }
            case Targets.Values values ->
                    requireBytes(
                            name,
                            "targets",
                            (long) count * values.names().size() * Floats.BYTES,
                            values.bytes());
        }
    }

    /** Returns the same data under another name. */
    public Dataset named(String other) {
        return new Dataset(other, sample, count, testCount, featureNames, features, targets);
    }

    /** Returns the same samples with other targets. */
    public Dataset withTargets(Targets other) {
        return new Dataset(name, sample, count, testCount, featureNames, features, other);
    }

    /** Returns how many outputs a model of it has: its classes, or its columns of real values. */
    public int outputs() {
        return targets.names().size();
    }

    /** Tells whether its targets are classes. */
    public boolean labelled() {
        return targets instanceof Targets.Labels;
    }

    /**
     * Writes the features of {@code rows[from]} to {@code rows[to - 1]}.
     *
     * @param out (to − from) × sample floats
     */
    public void gatherFeatures(int[] rows, int from, int to, MemorySegment out) {
        features.gather(rows, from, to, sample.size(), out);
    }

    /**
     * Writes the targets of {@code rows[from]} to {@code rows[to - 1]} as a loss wants them: labels
     * as one float a sample; classes as values one-hot, or as the label itself for a single output.
     *
     * @param outputs the model's outputs
     * @param out (to − from) floats for labels, (to − from) × outputs for values
     * @throws DataException if the targets cannot be what the loss wants
     */
    public void gatherTargets(
            int[] rows, int from, int to, Targets.Kind wanted, int outputs, MemorySegment out) {
        requireFits(wanted, outputs);
        switch (targets) {
            case Targets.Labels(_, var labels) when wanted == Targets.Kind.LABELS || outputs == 1 ->
                    gatherLabels(labels, rows, from, to, out);
            case Targets.Labels(_, var labels) ->
                    gatherOneHot(labels, rows, from, to, outputs, out);
            case Targets.Values(_, var values) ->
                    gatherValues(values, rows, from, to, outputs, out);
        }
    }

    /**
     * Refuses a model and a loss that these targets cannot train.
     *
     * @param wanted what the loss compares the outputs with
     * @param outputs the model's outputs
     * @throws DataException naming what was found, what was expected and what to do
     */
    public void requireFits(Targets.Kind wanted, int outputs) {
        if (wanted == Targets.Kind.LABELS && !labelled()) {
            throw new DataException(
                    ("the loss needs class labels, but the targets %s of %s are real values: use a"
                                    + " loss such as mse or quadratic, or name one column of"
                                    + " classes as the target")
                            .formatted(String.join(",", targets.names()), name));
        }
        if (labelled()) {
            var single = wanted == Targets.Kind.VALUES && outputs == 1;
            if (!single && outputs < outputs()) {
                throw new DataException(
                        "%s has %d classes, but the model has %d outputs: give it one for each"
                                .formatted(name, outputs(), outputs));
            }
        } else if (outputs != outputs()) {
            throw new DataException(
                    ("%s has %d target values a sample (%s), but the model has %d outputs: give it"
                                    + " %d")
                            .formatted(
                                    name,
                                    outputs(),
                                    String.join(",", targets.names()),
                                    outputs,
                                    outputs()));
        }
    }

    private static void gatherLabels(
            MemorySegment labels, int[] rows, int from, int to, MemorySegment out) {
        for (var i = from; i < to; i++) {
            Floats.set(out, i - from, labels.getAtIndex(JAVA_INT, rows[i]));
        }
    }

    private static void gatherOneHot(
            MemorySegment labels, int[] rows, int from, int to, int outputs, MemorySegment out) {
        Floats.slice(out, 0, (long) (to - from) * outputs).fill((byte) 0);
        for (var i = from; i < to; i++) {
            var label = labels.getAtIndex(JAVA_INT, rows[i]);
            Floats.set(out, (long) (i - from) * outputs + label, 1f);
        }
    }

    private static void gatherValues(
            MemorySegment values, int[] rows, int from, int to, int outputs, MemorySegment out) {
        var rowBytes = (long) outputs * Floats.BYTES;
        for (var i = from; i < to; i++) {
            MemorySegment.copy(values, rows[i] * rowBytes, out, (i - from) * rowBytes, rowBytes);
        }
    }

    private static void requireClasses(String name, Targets.Labels labels) {
        var classes = labels.names().size();
        var count = (int) (labels.bytes().byteSize() / Integer.BYTES);
        var block = new int[Math.min(LABELS_TOGETHER, count)];
        for (var at = 0; at < count; at += block.length) {
            var part = Math.min(block.length, count - at);
            MemorySegment.copy(labels.bytes(), JAVA_INT, (long) at * Integer.BYTES, block, 0, part);
            for (var i = 0; i < part; i++) {
                if (block[i] < 0 || block[i] >= classes) {
                    throw new DataException(
                            "dataset %s: label of sample %d must be from 0 to %d, was %d"
                                    .formatted(name, at + i, classes - 1, block[i]));
                }
            }
        }
    }

    private static void requireFinite(String name, Features features, Targets targets) {
        require(
                !(features instanceof Features.Reals(var reals)) || Floats.allFinite(reals),
                name,
                "a feature is NaN or infinite");
        require(
                !(targets instanceof Targets.Values(_, var values)) || Floats.allFinite(values),
                name,
                "a target is NaN or infinite");
    }

    private static void requireBytes(String name, String what, long expected, MemorySegment found) {
        require(
                found.byteSize() == expected,
                name,
                "its %s take %d bytes, expected %d".formatted(what, found.byteSize(), expected));
    }

    private static void require(boolean holds, String name, String message) {
        if (!holds) {
            throw new DataException("dataset " + name + ": " + message);
        }
    }
}
