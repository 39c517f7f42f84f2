package dev.tutti.common.nn.layer;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.FloatMath;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Gaussian error linear unit, exact: f(z) = z·Φ(z), f'(z) = Φ(z) + z·φ(z), with Φ and φ the normal
 * distribution and its density (Hendrycks and Gimpel 2016).
 */
public record Gelu() implements Activation {
    private static final float ROOT_OF_HALF = (float) Math.sqrt(0.5);
    private static final float DENSITY_AT_ZERO = (float) (1 / Math.sqrt(2 * Math.PI));

    /** Φ of each element, which backward needs again. */
    @Override
    public long scratchFloats(Shape input, int samples) {
        return (long) samples * input.size();
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        Blocks.update(
                List.of(in),
                List.of(call.scratch(), out),
                (count, read, changed) -> forward(count, read[0], changed[0], changed[1]));
    }

    private static void forward(int count, float[] in, float[] distribution, float[] out) {
        scale(ROOT_OF_HALF, count, in, distribution);
        FloatMath.erf(count, distribution);
        weigh(count, in, distribution, out);
    }

    private static void scale(float factor, int count, float[] in, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = in[i] * factor;
        }
    }

    private static void weigh(int count, float[] in, float[] distribution, float[] out) {
        for (var i = 0; i < count; i++) {
            distribution[i] = 0.5f * (1f + distribution[i]);
            out[i] = in[i] * distribution[i];
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        Blocks.update(
                List.of(in, call.scratch(), outGradient),
                List.of(inGradient),
                (count, read, changed) -> backward(count, read[0], read[1], read[2], changed[0]));
    }

    private static void backward(
            int count, float[] in, float[] distribution, float[] outGradient, float[] inGradient) {
        exponent(count, in, inGradient);
        FloatMath.exp(count, inGradient);
        slope(count, in, distribution, outGradient, inGradient);
    }

    private static void exponent(int count, float[] in, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = -0.5f * in[i] * in[i];
        }
    }

    private static void slope(
            int count, float[] in, float[] distribution, float[] outGradient, float[] out) {
        for (var i = 0; i < count; i++) {
            var density = DENSITY_AT_ZERO * out[i];
            out[i] = outGradient[i] * (distribution[i] + in[i] * density);
        }
    }
}
