package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * LARS (You et al. 2017, "Large Batch Training of Convolutional Networks", algorithm 1): SGD with
 * momentum, where each tensor has a rate of its own, by the ratio of the lengths of its weights and
 * of its gradient: v ← μv + γ · η‖θ‖ / (‖g‖ + λ‖θ‖) · (g + λθ), θ ← θ − v.
 *
 * <p>Vectors, such as biases, have neither the ratio nor weight decay, as in MLPerf's reference: a
 * bias that begins at 0 would not move. A tensor whose weights or gradient are all 0 has no ratio
 * either.
 *
 * @param rate γ, before any schedule
 * @param momentum μ
 * @param weightDecay λ
 * @param trust η
 */
public record Lars(
        double rate,
        @Default("0.9") double momentum,
        @Default("5.0E-4") double weightDecay,
        @Default("0.001") double trust)
        implements TensorOptimizer {
    /** Refuses arguments outside their bounds. */
    public Lars {
        Bounds.positive("rate", rate);
        Bounds.belowOne("momentum", momentum);
        Bounds.notNegative("weight-decay", weightDecay);
        Bounds.positive("trust", trust);
    }

    @Override
    public int slotCount() {
        return 1;
    }

    @Override
    public TensorStep at(long step, double rate) {
        return tensor -> {
            var isVector = tensor.shape().rank() == 1;
            var pace = isVector ? rate : rate * ratio(tensor);
            var decay = isVector ? 0 : weightDecay;
            tensor.forEach((count, gradient, out) ->
                    move(
                            (float) pace,
                            (float) momentum,
                            (float) decay,
                            count,
                            gradient,
                            out[0],
                            out[1]));
        };
    }

    private double ratio(Tensor tensor) {
        var ofWeights = new GlobalNorm.Squares();
        var ofGradient = new GlobalNorm.Squares();
        tensor.forEach((count, gradient, out) -> {
            ofWeights.add(count, out[0]);
            ofGradient.add(count, gradient);
        });
        var weights = Math.sqrt(ofWeights.total());
        var gradient = Math.sqrt(ofGradient.total());
        return weights > 0 && gradient > 0
                ? trust * weights / (gradient + weightDecay * weights)
                : 1;
    }

    private static void move(
            float rate,
            float momentum,
            float decay,
            int count,
            float[] gradient,
            float[] weights,
            float[] velocity) {
        for (var i = 0; i < count; i++) {
            var v = momentum * velocity[i] + rate * (gradient[i] + decay * weights[i]);
            velocity[i] = v;
            weights[i] -= v;
        }
    }
}
