package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * RMSprop as PyTorch's {@code RMSprop} defines it (Tieleman and Hinton 2012, lecture 6e; centered:
 * Graves 2013, equations 38 to 41): the gradient is divided by the root of the running mean of its
 * square, or by its running deviation.
 *
 * @param rate η, before any schedule
 * @param alpha decay of the running means
 * @param epsilon keeps the divisor from zero; outside the square root
 * @param weightDecay λ, added to the gradient as λθ
 * @param momentum μ, of the divided gradients
 * @param centered whether the square of the running mean is taken off the mean square
 */
public record Rmsprop(
        @Default("0.01") double rate,
        @Default("0.99") double alpha,
        @Default("1.0E-8") double epsilon,
        @Default("0.0") double weightDecay,
        @Default("0.0") double momentum,
        @Default("false") boolean centered)
        implements ElementOptimizer {
    /** Refuses arguments outside their bounds. */
    public Rmsprop {
        Bounds.positive("rate", rate);
        Bounds.belowOne("alpha", alpha);
        Bounds.positive("epsilon", epsilon);
        Bounds.notNegative("weight-decay", weightDecay);
        Bounds.belowOne("momentum", momentum);
    }

    @Override
    public int slotCount() {
        return 1 + (centered ? 1 : 0) + (momentum > 0 ? 1 : 0);
    }

    @Override
    public BlockStep at(long step, double rate) {
        var kept = (float) alpha;
        var fresh = (float) (1 - alpha);
        return (count, gradient, out) -> {
            Moments.addScaled((float) weightDecay, count, out[0], gradient);
            Moments.meanSquare(kept, fresh, count, gradient, out[1]);
            if (centered) {
                Moments.mean(fresh, count, gradient, out[2]);
                divide((float) epsilon, count, out[1], out[2], gradient);
            } else {
                divide((float) epsilon, count, out[1], gradient);
            }
            if (momentum > 0) {
                var velocity = out[out.length - 1];
                gather((float) momentum, count, gradient, velocity);
                Moments.addScaled((float) -rate, count, velocity, out[0]);
            } else {
                Moments.addScaled((float) -rate, count, gradient, out[0]);
            }
        };
    }

    private static void divide(float epsilon, int count, float[] meanSquare, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] /= (float) Math.sqrt(meanSquare[i]) + epsilon;
        }
    }

    private static void divide(
            float epsilon, int count, float[] meanSquare, float[] mean, float[] out) {
        for (var i = 0; i < count; i++) {
            // Of gradients that hardly change the difference may be rounded below 0.
            var variance = Math.max(0f, meanSquare[i] - mean[i] * mean[i]);
            out[i] /= (float) Math.sqrt(variance) + epsilon;
        }
    }

    private static void gather(float momentum, int count, float[] term, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = momentum * out[i] + term[i];
        }
    }
}
