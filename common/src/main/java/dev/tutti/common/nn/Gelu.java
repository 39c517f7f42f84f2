package dev.tutti.common.nn;

import dev.tutti.common.kernel.FloatMath;
import dev.tutti.common.kernel.Floats;
import java.lang.foreign.MemorySegment;

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
    public void forward(Site site, MemorySegment in, MemorySegment out) {
        forward(in, site.scratch(), out);
    }

    private static void forward(MemorySegment in, MemorySegment distribution, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            var z = Floats.get(in, i);
            var below = 0.5f * (1f + FloatMath.erf(z * ROOT_OF_HALF));
            Floats.set(distribution, i, below);
            Floats.set(out, i, z * below);
        }
    }

    @Override
    public void backward(
            Site site,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        backward(in, site.scratch(), outGradient, inGradient);
    }

    private static void backward(
            MemorySegment in,
            MemorySegment distribution,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var count = Floats.count(inGradient);
        for (long i = 0; i < count; i++) {
            var z = Floats.get(in, i);
            var density = DENSITY_AT_ZERO * FloatMath.exp(-0.5f * z * z);
            var slope = Floats.get(distribution, i) + z * density;
            Floats.set(inGradient, i, Floats.get(outGradient, i) * slope);
        }
    }
}
