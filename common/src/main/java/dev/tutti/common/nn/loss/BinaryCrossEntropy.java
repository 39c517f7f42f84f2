package dev.tutti.common.nn.loss;

import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.FloatMath;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/**
 * Binary cross-entropy of each output alone, on logits: C_i = (1/K) Σ_k log(1 + e^{z_k}) − t_k z_k,
 * ∂C_i/∂z = (σ(z) − t)/K. Targets are probabilities, mostly 0 or 1.
 */
public record BinaryCrossEntropy() implements Loss {
    private static final double MEAN_MIN = 1e-6;

    @Override
    public Targets.Kind targets() {
        return Targets.Kind.VALUES;
    }

    @Override
    public double cost(
            int samples,
            int width,
            MemorySegment output,
            MemorySegment target,
            MemorySegment gradient) {
        var sum = 0.0;
        var share = 1f / width;
        var count = (long) samples * width;
        for (long i = 0; i < count; i++) {
            var z = Floats.get(output, i);
            var t = Floats.get(target, i);
            // max(0, z) + log(1 + e^−|z|) is log(1 + eᶻ) without overflow.
            sum +=
                    FloatMath.log1p(FloatMath.exp(-Math.abs(z)))
                            + (Math.max(0.0, z) - (double) t * z);
            Floats.set(gradient, i, (FloatMath.sigmoid(z) - t) * share);
        }
        return sum / width;
    }

    /** The mean's logit; a mean of 0 or 1 has none and becomes one beside it. */
    @Override
    public float outputOfMean(double mean) {
        var inside = Math.clamp(mean, MEAN_MIN, 1 - MEAN_MIN);
        return (float) StrictMath.log(inside / (1 - inside));
    }

    /** A logit of 0 is a probability of one half. */
    @Override
    public float threshold() {
        return 0;
    }

    @Override
    public boolean ofProbabilities() {
        return true;
    }

    /** A logit's probability. */
    @Override
    public double valueOf(float output) {
        return 1 / (1 + StrictMath.exp(-output));
    }
}
