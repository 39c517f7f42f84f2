package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * LAMB (You et al. 2020, "Large Batch Optimization for Deep Learning", algorithm 2, φ the
 * identity): Adam's direction with weight decay, u = m̂ / (√v̂ + ε) + λθ, as long as the ratio of
 * the lengths of weights and direction says: θ ← θ − η ‖θ‖/‖u‖ · u.
 *
 * <p>Vectors, such as biases, have neither the ratio nor weight decay: theirs is Adam's step. A
 * tensor whose weights or direction are all 0 has no ratio either.
 *
 * @param rate η, before any schedule
 * @param beta1 decay of the running mean of the gradient
 * @param beta2 decay of the running mean of its square
 * @param epsilon keeps the divisor from zero
 * @param weightDecay λ, added to the direction as λθ
 */
public record Lamb(
        @Default("0.001") double rate,
        @Default("0.9") double beta1,
        @Default("0.999") double beta2,
        @Default("1.0E-6") double epsilon,
        @Default("0.01") double weightDecay)
        implements TensorOptimizer {
    /** Refuses arguments outside their bounds. */
    public Lamb {
        Bounds.positive("rate", rate);
        Bounds.belowOne("beta1", beta1);
        Bounds.belowOne("beta2", beta2);
        Bounds.positive("epsilon", epsilon);
        Bounds.notNegative("weight-decay", weightDecay);
    }

    @Override
    public int slotCount() {
        return Moments.SLOTS;
    }

    @Override
    public TensorStep at(long step, double rate) {
        var moments = new Moments(beta1, beta2, epsilon);
        var vectorStep = moments.at(step, rate, 0, 1);
        var correction1 = (float) (1 - StrictMath.pow(beta1, (double) (step + 1)));
        var root = (float) Math.sqrt(1 - StrictMath.pow(beta2, (double) (step + 1)));
        return tensor -> {
            if (tensor.shape().rank() == 1) {
                tensor.forEach(vectorStep);
                return;
            }
            var ofWeights = new GlobalNorm.Squares();
            var ofDirection = new GlobalNorm.Squares();
            tensor.forEach((count, gradient, out) -> {
                moments.gather(count, gradient, out[1], out[2]);
                ofWeights.add(count, out[0]);
                direction(correction1, root, count, out, gradient);
                ofDirection.add(count, gradient);
            });
            var pace = (float) (-rate * ratio(ofWeights.total(), ofDirection.total()));
            tensor.forEach((count, scratch, out) -> {
                direction(correction1, root, count, out, scratch);
                Moments.addScaled(pace, count, scratch, out[0]);
            });
        };
    }

    private void direction(float correction, float root, int count, float[][] state, float[] out) {
        direction(
                correction,
                root,
                (float) epsilon,
                (float) weightDecay,
                count,
                state[0],
                state[1],
                state[2],
                out);
    }

    private static double ratio(double ofWeights, double ofDirection) {
        return ofWeights > 0 && ofDirection > 0 ? Math.sqrt(ofWeights) / Math.sqrt(ofDirection) : 1;
    }

    private static void direction(
            float correction,
            float root,
            float epsilon,
            float decay,
            int count,
            float[] weights,
            float[] m,
            float[] v,
            float[] out) {
        for (var i = 0; i < count; i++) {
            var deviation = (float) Math.sqrt(v[i]) / root + epsilon;
            out[i] = m[i] / correction / deviation + decay * weights[i];
        }
    }
}
