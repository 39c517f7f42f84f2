package dev.tutti.common.report;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Standardization;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Looks at a model's outputs block by block and then says what they are worth. */
public sealed interface Tally permits ClassTally, BinaryTally, ValueTally {
    /**
     * Takes the outputs of the samples {@code rows[from]} to before {@code rows[to]}.
     *
     * @param outputs (to − from) × width
     */
    void add(int[] rows, int from, int to, MemorySegment outputs);

    /** Returns what the samples so far say; there must be at least one. */
    Report report();

    /**
     * Returns the tally for a dataset's targets: of classes, of values that are all 0 or 1 under a
     * loss of probabilities, or of real values.
     *
     * @param rows all that will be looked at
     * @param width outputs of a sample
     * @param scaling of the targets, if they are standardised: figures are in their own unit
     */
    static Tally of(
            Dataset dataset, Loss loss, int[] rows, int width, Optional<Standardization> scaling) {
        return switch (dataset.targets()) {
            case Targets.Labels labels -> new ClassTally(labels, loss, width);
            case Targets.Values values when loss.ofProbabilities() && binary(values, rows) ->
                    new BinaryTally(values, loss);
            case Targets.Values values -> new ValueTally(values, loss, rows, scaling);
        };
    }

    private static boolean binary(Targets.Values values, int[] rows) {
        var width = values.names().size();
        for (var row : rows) {
            for (var k = 0; k < width; k++) {
                var value = Floats.get(values.bytes(), (long) row * width + k);
                if (value != 0 && value != 1) {
                    return false;
                }
            }
        }
        return true;
    }
}
