package dev.tutti.common.nn.layer;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleSupplier;

/** Derivatives by finite differences, and how far others are from them. */
public final class Slopes {
    /**
     * Half the distance of the inner two points. Float rounding is some 1e-7 of the values, so of
     * the slope some 1e-5; the formula's own error is h⁴/30 of the fifth derivative, far below.
     */
    private static final float STEP = 0x1p-6f;

    /**
     * What the rounding above leaves room for, and a hundredth of a derivative does not hide in.
     */
    public static final double TOLERANCE = 1e-3;

    private Slopes() {}

    /** Returns ∂f/∂x for every x of {@code variables}, by the central difference of order four. */
    public static double[] of(MemorySegment variables, DoubleSupplier f) {
        var slopes = new double[(int) Floats.count(variables)];
        for (var i = 0; i < slopes.length; i++) {
            var kept = Floats.get(variables, i);
            var inner = at(variables, i, kept + STEP, f) - at(variables, i, kept - STEP, f);
            var outer = at(variables, i, kept + 2 * STEP, f) - at(variables, i, kept - 2 * STEP, f);
            Floats.set(variables, i, kept);
            slopes[i] = (8 * inner - outer) / (12 * STEP);
        }
        return slopes;
    }

    private static double at(MemorySegment variables, long index, float value, DoubleSupplier f) {
        Floats.set(variables, index, value);
        return f.getAsDouble();
    }

    /**
     * Returns the worst relative error of {@code found}. A slope that is small beside the largest
     * is compared with a tenth of that: what rounds the sum rounds it too.
     */
    public static double worstError(float[] found, double[] slopes) {
        var largest = 0.0;
        for (var slope : slopes) {
            largest = Math.max(largest, Math.abs(slope));
        }
        var worst = 0.0;
        for (var i = 0; i < slopes.length; i++) {
            var scale = Math.max(Math.max(Math.abs(found[i]), Math.abs(slopes[i])), largest / 10);
            var error = found[i] == slopes[i] ? 0 : Math.abs(found[i] - slopes[i]) / scale;
            worst = Double.isNaN(error) ? Double.POSITIVE_INFINITY : Math.max(worst, error);
        }
        return worst;
    }
}
