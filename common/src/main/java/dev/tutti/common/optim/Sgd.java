package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.vector.FiniteCheck;

/**
 * Stochastic gradient descent as PyTorch's {@code SGD} defines it: θ ← θ − ηv with v ← μv + g;
 * Nesterov: θ ← θ − η(g + μv); weight decay adds λθ to g first.
 *
 * @param rate η, before any schedule
 * @param momentum μ
 * @param nesterov whether the step looks ahead along the momentum
 * @param weightDecay λ
 */
public record Sgd(
        double rate,
        @Default("0.0") double momentum,
        @Default("false") boolean nesterov,
        @Default("0.0") double weightDecay)
        implements ElementOptimizer {
    /** Refuses a rate or decay that makes no sense, and Nesterov without momentum. */
    public Sgd {
        Bounds.positive("rate", rate);
        Bounds.belowOne("momentum", momentum);
        Bounds.notNegative("weight-decay", weightDecay);
        if (nesterov && momentum == 0) {
            throw new IllegalArgumentException("nesterov needs a momentum above 0, was 0");
        }
    }

    @Override
    public int slotCount() {
        return momentum == 0 ? 0 : 1;
    }

    @Override
    public BlockStep at(long step, double rate) {
        var pace = (float) rate;
        var kept = (float) momentum;
        var decay = (float) weightDecay;
        if (momentum == 0) {
            return new Plain(pace, decay);
        }
        return nesterov
                ? (count, gradient, out) ->
                        nesterov(pace, kept, decay, count, gradient, out[0], out[1])
                : (count, gradient, out) ->
                        momentum(pace, kept, decay, count, gradient, out[0], out[1]);
    }

    /** Without momentum: so short that each further loop over a block would be felt. */
    private record Plain(float rate, float decay) implements FusedStep {
        @Override
        public void run(int count, float[] gradient, float[][] out) {
            run(1f, count, gradient, new FiniteCheck(), out);
        }

        @Override
        public void run(
                float factor, int count, float[] gradient, FiniteCheck finite, float[][] out) {
            step(rate, decay, factor, count, gradient, finite.zeros(), out[0]);
        }

        @Override
        public void run(
                float factor,
                int count,
                float[] left,
                float[] right,
                FiniteCheck finite,
                float[][] out) {
            step(rate, decay, factor, count, left, right, finite.zeros(), out[0]);
        }

        private static void step(
                float rate,
                float decay,
                float factor,
                int count,
                float[] left,
                float[] right,
                float[] zeros,
                float[] weights) {
            for (var i = 0; i < count; i++) {
                var g = factor * (left[i] + right[i]);
                zeros[i] += 0f * g;
                weights[i] -= rate * (g + decay * weights[i]);
            }
        }

        private static void step(
                float rate,
                float decay,
                float factor,
                int count,
                float[] gradient,
                float[] zeros,
                float[] weights) {
            for (var i = 0; i < count; i++) {
                var g = factor * gradient[i];
                zeros[i] += 0f * g;
                weights[i] -= rate * (g + decay * weights[i]);
            }
        }
    }

    private static void momentum(
            float rate,
            float momentum,
            float decay,
            int count,
            float[] gradient,
            float[] weights,
            float[] velocity) {
        for (var i = 0; i < count; i++) {
            var v = momentum * velocity[i] + (gradient[i] + decay * weights[i]);
            velocity[i] = v;
            weights[i] -= rate * v;
        }
    }

    private static void nesterov(
            float rate,
            float momentum,
            float decay,
            int count,
            float[] gradient,
            float[] weights,
            float[] velocity) {
        for (var i = 0; i < count; i++) {
            var g = gradient[i] + decay * weights[i];
            var v = momentum * velocity[i] + g;
            velocity[i] = v;
            weights[i] -= rate * (g + momentum * v);
        }
    }
}
