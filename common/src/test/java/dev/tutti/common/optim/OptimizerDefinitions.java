package dev.tutti.common.optim;

import java.util.Arrays;

/**
 * The definitions of all optimizers, in double precision and over plain arrays, by the letters of
 * PyTorch's manual and of the papers. They share no code with what they are the measure of.
 */
final class OptimizerDefinitions {
    private final Optimizer optimizer;
    private final TensorLayout layout;
    private final double[] weights;
    private final double[] a;
    private final double[] b;
    private final double[] c;

    OptimizerDefinitions(Optimizer optimizer, TensorLayout layout, double[] weights) {
        this.optimizer = optimizer;
        this.layout = layout;
        this.weights = weights;
        this.a = new double[weights.length];
        this.b = new double[weights.length];
        this.c = new double[weights.length];
    }

    double[] weights() {
        return weights;
    }

    void step(long step, double rate, double[] gradient) {
        for (var tensor : layout.tensors()) {
            var from = (int) tensor.offset();
            var to = from + tensor.shape().size();
            var isVector = tensor.shape().rank() == 1;
            switch (optimizer) {
                case Lars lars -> lars(lars, rate, isVector, from, to, gradient);
                case Lamb lamb -> lamb(lamb, step + 1, rate, isVector, from, to, gradient);
                case Muon muon when !isVector ->
                        muon(muon, rate, tensor.shape().extent(0), from, to, gradient);
                case ElementOptimizer _, Muon _ -> {
                    for (var i = from; i < to; i++) {
                        element(i, step, rate, gradient[i]);
                    }
                }
                default -> throw new AssertionError("write down the definition of " + optimizer);
            }
        }
    }

    private void element(int i, long step, double rate, double g) {
        switch (optimizer) {
            case Sgd o -> sgd(o, i, step, rate, g + o.weightDecay() * weights[i]);
            case Adam o -> {
                var decayed = g + o.weightDecay() * weights[i];
                weights[i] -= rate * adam(i, o.beta1(), o.beta2(), o.epsilon(), step + 1, decayed);
            }
            case Adamw o -> {
                weights[i] -= rate * o.weightDecay() * weights[i];
                weights[i] -= rate * adam(i, o.beta1(), o.beta2(), o.epsilon(), step + 1, g);
            }
            case Muon o ->
                    weights[i] -= o.vectors() * rate * adam(i, 0.9, 0.999, 1e-8, step + 1, g);
            case Rmsprop o -> rmsprop(o, i, rate, g + o.weightDecay() * weights[i]);
            case Adagrad o -> {
                var decayed = g + o.weightDecay() * weights[i];
                a[i] = (step == 0 ? o.initialAccumulator() : a[i]) + decayed * decayed;
                weights[i] -=
                        rate
                                / (1 + step * o.rateDecay())
                                * decayed
                                / (Math.sqrt(a[i]) + o.epsilon());
            }
            case Lion o -> {
                var direction = o.beta1() * a[i] + (1 - o.beta1()) * g;
                weights[i] -= rate * (Math.signum(direction) + o.weightDecay() * weights[i]);
                a[i] = o.beta2() * a[i] + (1 - o.beta2()) * g;
            }
            default -> throw new AssertionError("write down the definition of " + optimizer);
        }
    }

    private void sgd(Sgd sgd, int i, long step, double rate, double g) {
        if (sgd.momentum() != 0) {
            b[i] = step == 0 ? g : sgd.momentum() * b[i] + g;
            g = sgd.nesterov() ? g + sgd.momentum() * b[i] : b[i];
        }
        weights[i] -= rate * g;
    }

    /** Returns what the rate is multiplied by. */
    private double adam(int i, double beta1, double beta2, double epsilon, long t, double g) {
        a[i] = beta1 * a[i] + (1 - beta1) * g;
        b[i] = beta2 * b[i] + (1 - beta2) * g * g;
        var unbiasedM = a[i] / (1 - Math.pow(beta1, (double) t));
        var unbiasedV = b[i] / (1 - Math.pow(beta2, (double) t));
        return unbiasedM / (Math.sqrt(unbiasedV) + epsilon);
    }

    private void rmsprop(Rmsprop o, int i, double rate, double g) {
        a[i] = o.alpha() * a[i] + (1 - o.alpha()) * g * g;
        var square = a[i];
        if (o.centered()) {
            b[i] = o.alpha() * b[i] + (1 - o.alpha()) * g;
            square -= b[i] * b[i];
        }
        var divided = g / (Math.sqrt(square) + o.epsilon());
        c[i] = o.momentum() * c[i] + divided;
        weights[i] -= rate * (o.momentum() > 0 ? c[i] : divided);
    }

    private void lars(Lars o, double rate, boolean isVector, int from, int to, double[] gradient) {
        var ofWeights = norm(from, to, weights);
        var local =
                isVector
                        ? 1
                        : o.trust()
                                * ofWeights
                                / (norm(from, to, gradient) + o.weightDecay() * ofWeights);
        for (var i = from; i < to; i++) {
            var decay = isVector ? 0 : o.weightDecay() * weights[i];
            a[i] = o.momentum() * a[i] + rate * local * (gradient[i] + decay);
            weights[i] -= a[i];
        }
    }

    private void lamb(
            Lamb o, long t, double rate, boolean isVector, int from, int to, double[] gradient) {
        var direction = new double[weights.length];
        for (var i = from; i < to; i++) {
            direction[i] =
                    adam(i, o.beta1(), o.beta2(), o.epsilon(), t, gradient[i])
                            + (isVector ? 0 : o.weightDecay() * weights[i]);
        }
        var ratio = isVector ? 1 : norm(from, to, weights) / norm(from, to, direction);
        for (var i = from; i < to; i++) {
            weights[i] -= rate * ratio * direction[i];
        }
    }

    private void muon(Muon o, double rate, int rows, int from, int to, double[] gradient) {
        var columns = (to - from) / rows;
        var x = new double[rows][columns];
        for (var i = from; i < to; i++) {
            a[i] = o.momentum() * a[i] + (1 - o.momentum()) * gradient[i];
            x[(i - from) / columns][(i - from) % columns] =
                    o.nesterov() ? o.momentum() * a[i] + (1 - o.momentum()) * gradient[i] : a[i];
        }
        var orthogonal =
                rows > columns
                        ? transposed(iterate(o.steps(), transposed(x)))
                        : iterate(o.steps(), x);
        var factor =
                o.adjust() == Muon.Adjust.ORIGINAL
                        ? Math.sqrt(Math.max(1, (double) rows / columns))
                        : 0.2 * Math.sqrt(Math.max(rows, columns));
        for (var i = from; i < to; i++) {
            weights[i] *= 1 - rate * o.weightDecay();
            weights[i] -= rate * factor * orthogonal[(i - from) / columns][(i - from) % columns];
        }
    }

    private static double[][] iterate(int steps, double[][] matrix) {
        var norm =
                Math.sqrt(
                        Arrays.stream(matrix)
                                .flatMapToDouble(Arrays::stream)
                                .map(v -> v * v)
                                .sum());
        var x = combined(1 / norm, matrix, 0, matrix);
        for (var step = 0; step < steps; step++) {
            var gram = product(x, transposed(x));
            var update = combined(-4.7750, gram, 2.0315, product(gram, gram));
            x = combined(3.4445, x, 1, product(update, x));
        }
        return x;
    }

    private static double[][] combined(double s, double[][] left, double t, double[][] right) {
        var out = new double[left.length][left[0].length];
        for (var i = 0; i < out.length; i++) {
            for (var j = 0; j < out[i].length; j++) {
                out[i][j] = s * left[i][j] + t * right[i][j];
            }
        }
        return out;
    }

    private static double[][] product(double[][] left, double[][] right) {
        var out = new double[left.length][right[0].length];
        for (var i = 0; i < out.length; i++) {
            for (var j = 0; j < out[i].length; j++) {
                for (var k = 0; k < right.length; k++) {
                    out[i][j] += left[i][k] * right[k][j];
                }
            }
        }
        return out;
    }

    private static double[][] transposed(double[][] matrix) {
        var out = new double[matrix[0].length][matrix.length];
        for (var i = 0; i < out.length; i++) {
            for (var j = 0; j < matrix.length; j++) {
                out[i][j] = matrix[j][i];
            }
        }
        return out;
    }

    private static double norm(int from, int to, double[] vector) {
        return Math.sqrt(Arrays.stream(vector, from, to).map(v -> v * v).sum());
    }
}
