package dev.tutti.deploy.predict;

import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.nn.loss.SoftmaxCrossEntropy;
import dev.tutti.common.step.compute.Accuracy;
import dev.tutti.common.vector.Floats;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.model.ModelCard;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a model's outputs say of samples.
 *
 * @param card of the model
 * @param loss that it was trained with
 * @param probabilities whether the values are probabilities, and not the outputs as they are
 */
public record Answers(ModelCard card, Loss loss, boolean probabilities) {
    /**
     * What is said of one sample.
     *
     * @param prediction the class; none for real values
     * @param values one for each of {@link #names}
     */
    public record Answer(Optional<String> prediction, List<Float> values) {
        /** Copies the list. */
        public Answer {
            values = List.copyOf(values);
        }
    }

    /** Refuses probabilities of a model that gives none. */
    public Answers {
        Require.that(
                !probabilities || loss instanceof SoftmaxCrossEntropy || loss.ofProbabilities(),
                "the model was trained with the loss %s, whose outputs are no probabilities: leave out --probabilities"
                        .formatted(Losses.CATALOGUE.format(loss)));
    }

    /** Tells whether an answer begins with a class. */
    boolean ofClasses() {
        return !card.classes().isEmpty();
    }

    /** Returns what the values are called together. */
    String valuesName() {
        return probabilities ? "probabilities" : "outputs";
    }

    /** Returns the names of the values. */
    List<String> names() {
        if (ofClasses() && card.outputs() == card.classes().size()) {
            return card.classes();
        }
        return ofClasses() || card.targets().isEmpty()
                ? IntStream.range(0, card.outputs()).mapToObj(k -> "y" + k).toList()
                : card.targets();
    }

    /**
     * Returns the answer for a row.
     *
     * @param outputs samples × outputs
     */
    public Answer of(MemorySegment outputs, int row) {
        var width = card.outputs();
        var values = Floats.toArray(Floats.slice(outputs, (long) row * width, width));
        return new Answer(
                ofClasses()
                        ? Optional.of(
                                card.classes().get(Accuracy.predicted(loss, outputs, row, width)))
                        : Optional.empty(),
                probabilities ? probabilities(values) : listed(inOwnUnit(values)));
    }

    /** Returns real values as the target has them. */
    private float[] inOwnUnit(float[] values) {
        card.targetScaling()
                .ifPresent(scaling -> {
                    for (var k = 0; k < values.length; k++) {
                        values[k] = (float) scaling.undo(k, values[k]);
                    }
                });
        return values;
    }

    private List<Float> probabilities(float[] outputs) {
        if (loss instanceof SoftmaxCrossEntropy) {
            return softmax(outputs);
        }
        var values = new float[outputs.length];
        for (var k = 0; k < values.length; k++) {
            values[k] = (float) loss.valueOf(outputs[k]);
        }
        return listed(values);
    }

    private static List<Float> softmax(float[] outputs) {
        var largest = Double.NEGATIVE_INFINITY;
        for (var output : outputs) {
            largest = Math.max(largest, output);
        }
        var powers = new double[outputs.length];
        var sum = 0.0;
        for (var k = 0; k < powers.length; k++) {
            powers[k] = StrictMath.exp(outputs[k] - largest);
            sum += powers[k];
        }
        var values = new float[powers.length];
        for (var k = 0; k < values.length; k++) {
            values[k] = (float) (powers[k] / sum);
        }
        return listed(values);
    }

    private static List<Float> listed(float[] values) {
        return IntStream.range(0, values.length).mapToObj(k -> values[k]).toList();
    }
}
