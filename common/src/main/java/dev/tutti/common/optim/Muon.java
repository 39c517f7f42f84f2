package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * Muon as PyTorch's {@code Muon} defines it (Jordan et al. 2024): the momentum of a weight matrix
 * is made nearly orthogonal ({@link NewtonSchulz}) before the step, so that all its directions
 * count the same; weight decay beside it. The iteration is in 32 bits, where PyTorch's is in 16.
 *
 * <p>A parameter of more than two dimensions is a matrix with a row for each output. Vectors, such
 * as biases, take the step of {@link Adamw} with its usual β and ε, and without weight decay.
 *
 * @param rate η, before any schedule
 * @param momentum μ: m ← μm + (1 − μ)g
 * @param nesterov whether the step looks ahead: μm + (1 − μ)g is made orthogonal, and not m
 * @param weightDecay λ, taken from θ beside the step: θ ← (1 − ηλ)θ
 * @param steps of the iteration
 * @param adjust what the rate of a matrix is multiplied by
 * @param vectors what the rate of vectors is multiplied by
 */
public record Muon(
        @Default("0.001") double rate,
        @Default("0.95") double momentum,
        @Default("true") boolean nesterov,
        @Default("0.1") double weightDecay,
        @Default("5") int steps,
        @Default("original") Adjust adjust,
        @Default("1.0") double vectors)
        implements TensorOptimizer {
    /** What the rate of a matrix of so many rows and columns is multiplied by. */
    public enum Adjust {
        /** √max(1, rows / columns). */
        ORIGINAL,

        /**
         * 0.2 √max(rows, columns): then a step is about as long as AdamW's, and its rates fit (Liu
         * et al. 2025, "Muon is Scalable for LLM Training", section 2.2).
         */
        MATCH_RMS_ADAMW
    }

    private static final Moments OF_VECTORS = new Moments(0.9, 0.999, 1e-8);
    private static final double EPSILON = 1e-7;

    /** Refuses arguments outside their bounds. */
    public Muon {
        Bounds.positive("rate", rate);
        Bounds.belowOne("momentum", momentum);
        Bounds.notNegative("weight-decay", weightDecay);
        Bounds.atLeast("steps", 1, steps);
        Bounds.positive("vectors", vectors);
    }

    /** A matrix needs one slot, a vector two. */
    @Override
    public int slotCount() {
        return Moments.SLOTS;
    }

    @Override
    public TensorStep at(long step, double rate) {
        var vectorStep = OF_VECTORS.at(step, rate * vectors, 0, 1);
        return tensor -> {
            if (tensor.shape().rank() == 1) {
                tensor.forEach(vectorStep);
            } else {
                step(rate, tensor);
            }
        };
    }

    private void step(double rate, Tensor tensor) {
        var rows = tensor.shape().extent(0);
        var columns = tensor.shape().size() / rows;
        var matrix = new float[tensor.shape().size()];
        var place = new int[1];
        tensor.forEach((count, gradient, out) -> {
            Moments.mean((float) (1 - momentum), count, gradient, out[1]);
            if (nesterov) {
                Moments.mean((float) momentum, count, out[1], gradient);
            }
            System.arraycopy(nesterov ? gradient : out[1], 0, matrix, place[0], count);
            place[0] += count;
        });
        NewtonSchulz.orthogonalize(steps, EPSILON, rows, columns, matrix);
        var kept = (float) (1 - rate * weightDecay);
        var pace = (float) (-rate * factor(rows, columns));
        place[0] = 0;
        tensor.forEach((count, scratch, out) -> {
            System.arraycopy(matrix, place[0], scratch, 0, count);
            place[0] += count;
            Moments.scale(kept, count, out[0]);
            Moments.addScaled(pace, count, scratch, out[0]);
        });
    }

    private double factor(int rows, int columns) {
        return switch (adjust) {
            case ORIGINAL -> Math.sqrt(Math.max(1, (double) rows / columns));
            case MATCH_RMS_ADAMW -> 0.2 * Math.sqrt(Math.max(rows, columns));
        };
    }
}
