package dev.tutti.common.nn.layer;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.vector.FloatMath;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/**
 * Exponential linear unit: f(z) = z where z &gt; 0 and α(eᶻ − 1) elsewhere, f'(z) = 1 or f(z) + α
 * (Clevert et al. 2016).
 *
 * @param alpha α, which −f approaches
 */
public record Elu(@Default("1.0") double alpha) implements Activation {
    /** Refuses an alpha that is not above 0. */
    public Elu {
        Bounds.positive("alpha", alpha);
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        forward((float) alpha, in, out);
    }

    private static void forward(float alpha, MemorySegment in, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            var z = Floats.get(in, i);
            Floats.set(out, i, Math.max(0f, z) + alpha * (FloatMath.exp(Math.min(0f, z)) - 1f));
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        backward((float) alpha, out, outGradient, inGradient);
    }

    private static void backward(
            float alpha, MemorySegment out, MemorySegment outGradient, MemorySegment inGradient) {
        var count = Floats.count(inGradient);
        for (long i = 0; i < count; i++) {
            var a = Floats.get(out, i);
            Floats.set(
                    inGradient,
                    i,
                    Floats.get(outGradient, i) * Bits.where(Bits.positive(a), 1f, a + alpha));
        }
    }
}
