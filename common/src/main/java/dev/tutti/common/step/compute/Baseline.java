package dev.tutti.common.step.compute;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a model must be better than: the same answer for every sample. Of classes it is the most
 * frequent one of the training samples (the first of those, if there are several), of real values
 * the mean of the training samples' targets.
 *
 * @param answer the class's index, or a mean for each target column
 */
public record Baseline(List<Double> answer) {
    private static final int BLOCK_SAMPLES = 256;

    /** Copies the list. */
    public Baseline {
        answer = List.copyOf(answer);
        if (answer.isEmpty()) {
            throw new IllegalArgumentException("a baseline needs an answer");
        }
    }

    /**
     * How good that answer is.
     *
     * @param loss mean over the samples; of real values only
     * @param accuracy of classes only
     */
    public record Figures(Optional<Double> loss, Optional<Double> accuracy) {
        /** The figures over no samples. */
        public static final Figures NONE = new Figures(Optional.empty(), Optional.empty());
    }

    /** Returns the baseline that the training rows give. */
    public static Baseline of(Dataset dataset, int[] trainRows) {
        return new Baseline(
                switch (dataset.targets()) {
                    case Targets.Labels labels ->
                            List.of((double) mostFrequent(labels.counts(trainRows)));
                    case Targets.Values(var names, var values) ->
                            means(values, names.size(), trainRows);
                });
    }

    /** Returns how good the answer is for these rows. */
    public Figures over(Dataset dataset, int[] rows, Loss loss) {
        if (rows.length == 0) {
            return Figures.NONE;
        }
        return switch (dataset.targets()) {
            case Targets.Labels(_, var labels) ->
                    new Figures(Optional.empty(), Optional.of(accuracy(labels, rows)));
            case Targets.Values _ ->
                    new Figures(Optional.of(loss(dataset, rows, loss)), Optional.empty());
        };
    }

    private static int mostFrequent(int[] counts) {
        var best = 0;
        for (var k = 1; k < counts.length; k++) {
            best = counts[k] > counts[best] ? k : best;
        }
        return best;
    }

    private static List<Double> means(MemorySegment values, int width, int[] rows) {
        var sums = new double[width];
        for (var row : rows) {
            for (var k = 0; k < width; k++) {
                sums[k] += Floats.get(values, (long) row * width + k);
            }
        }
        return Arrays.stream(sums).mapToObj(sum -> sum / rows.length).toList();
    }

    private double accuracy(MemorySegment labels, int[] rows) {
        var correct = 0;
        for (var row : rows) {
            correct += labels.getAtIndex(JAVA_INT, row) == answer.getFirst().intValue() ? 1 : 0;
        }
        return (double) correct / rows.length;
    }

    private double loss(Dataset dataset, int[] rows, Loss loss) {
        var width = answer.size();
        try (var arena = Arena.ofConfined()) {
            var outputs = Floats.allocate(arena, (long) BLOCK_SAMPLES * width);
            for (long i = 0; i < Floats.count(outputs); i++) {
                Floats.set(outputs, i, loss.outputOfMean(answer.get((int) (i % width))));
            }
            var targets = Floats.allocate(arena, (long) BLOCK_SAMPLES * width);
            var gradient = Floats.allocate(arena, (long) BLOCK_SAMPLES * width);
            var sum = 0.0;
            for (var from = 0; from < rows.length; from += BLOCK_SAMPLES) {
                var to = Math.min(rows.length, from + BLOCK_SAMPLES);
                dataset.gatherTargets(rows, from, to, loss.targets(), width, targets);
                sum += loss.cost(to - from, width, outputs, targets, gradient);
            }
            return sum / rows.length;
        }
    }
}
