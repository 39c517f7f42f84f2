package dev.tutti.common.nn.layer;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/**
 * Rectified linear unit that leaks: f(z) = z where z &gt; 0 and s·z elsewhere (Maas et al. 2013).
 *
 * @param slope s
 */
public record LeakyRelu(@Default("0.01") double slope) implements Activation {
    /** Refuses a slope that is not finite. */
    public LeakyRelu {
        Bounds.finite("slope", slope);
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        forward((float) slope, in, out);
    }

    private static void forward(float slope, MemorySegment in, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            var z = Floats.get(in, i);
            Floats.set(out, i, Math.max(0f, z) + slope * Math.min(0f, z));
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        backward((float) slope, in, outGradient, inGradient);
    }

    private static void backward(
            float slope, MemorySegment in, MemorySegment outGradient, MemorySegment inGradient) {
        var count = Floats.count(inGradient);
        for (long i = 0; i < count; i++) {
            var z = Floats.get(in, i);
            Floats.set(
                    inGradient,
                    i,
                    Floats.get(outGradient, i) * Bits.where(Bits.positive(z), 1f, slope));
        }
    }
}
