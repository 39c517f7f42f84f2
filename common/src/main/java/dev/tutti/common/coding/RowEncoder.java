package dev.tutti.common.coding;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.tutti.common.data.Standardization;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Encodes rows as a coding says, in double precision up to the last rounding: training, evaluating
 * and predicting give the same float for the same cell.
 */
public final class RowEncoder {
    private final int[] hot; // features of a one-hot column, 0 of another one
    private final double[] fills; // of columns; NaN where nothing takes the place
    private final double[] centre; // of features; none without a standardisation
    private final double[] scale;
    private final double[] features;
    private final float[] rounded;

    /** Makes an encoder of rows with a cell for each column of the coding. */
    public RowEncoder(FeatureCoding coding) {
        this.hot = coding.columns().stream().mapToInt(RowEncoder::hot).toArray();
        this.fills = coding.columns().stream().mapToDouble(RowEncoder::fill).toArray();
        this.features = new double[coding.width()];
        this.rounded = new float[features.length];
        this.centre = coding.standardization().map(Standardization::centre).orElse(new double[0]);
        this.scale = coding.standardization().map(Standardization::scale).orElse(new double[0]);
    }

    /**
     * Encodes one row.
     *
     * @param cells one for each column, as {@link ColumnCoding} says
     * @param at index of the row's first feature in {@code out}
     */
    public void encode(double[] cells, long at, MemorySegment out) {
        var next = 0;
        for (var i = 0; i < hot.length; i++) {
            var cell = Double.isNaN(cells[i]) ? fills[i] : cells[i];
            if (hot[i] == 0) {
                features[next] = cell;
                next++;
            } else {
                Arrays.fill(features, next, next + hot[i], 0);
                if (cell >= 0) {
                    features[next + (int) cell] = 1;
                }
                next += hot[i];
            }
        }
        write(at, out);
    }

    private void write(long at, MemorySegment out) {
        if (centre.length == 0) {
            for (var i = 0; i < features.length; i++) {
                rounded[i] = (float) features[i];
            }
        } else {
            for (var i = 0; i < features.length; i++) {
                rounded[i] = (float) ((features[i] - centre[i]) / scale[i]);
            }
        }
        MemorySegment.copy(rounded, 0, out, JAVA_FLOAT, at * Floats.BYTES, rounded.length);
    }

    private static int hot(ColumnCoding column) {
        return column instanceof ColumnCoding.OneHot hot ? hot.width() : 0;
    }

    private static double fill(ColumnCoding column) {
        return switch (column) {
            case ColumnCoding.Numbers(_, var fill) -> fill.orElse(Double.NaN);
            case ColumnCoding.OneHot(_, _, var fill) -> index(fill);
            case ColumnCoding.Index(_, _, var fill) -> index(fill);
        };
    }

    private static double index(OptionalInt fill) {
        return fill.isPresent() ? fill.getAsInt() : ColumnCoding.UNSEEN;
    }
}
