package dev.tutti.common.optim;

/**
 * What Adam and AdamW share (Kingma and Ba 2015, algorithm 1): running means of the gradient and of
 * its square, both corrected for their start at zero, ε outside the square root.
 *
 * @param beta1 decay of the gradient's mean, m
 * @param beta2 decay of the square's mean, v
 * @param epsilon ε
 */
record Moments(double beta1, double beta2, double epsilon) {
    /** Slots of a step: m, then v. */
    static final int SLOTS = 2;

    /**
     * Returns what a step does.
     *
     * @param added λ of the decay that is added to the gradient: g + λθ
     * @param kept what a decay beside the gradient leaves of θ: 1 − ηλ
     */
    Optimizer.BlockStep at(long step, double rate, double added, double kept) {
        var correction1 = 1 - StrictMath.pow(beta1, (double) (step + 1));
        var correction2 = 1 - StrictMath.pow(beta2, (double) (step + 1));
        var pace = (float) (rate / correction1);
        var root = (float) Math.sqrt(correction2);
        return (count, gradient, out) -> {
            decay((float) added, (float) kept, count, gradient, out[0]);
            gather(count, gradient, out[1], out[2]);
            move(pace, root, (float) epsilon, count, out[1], out[2], out[0]);
        };
    }

    /** Takes a gradient into both running means. */
    void gather(int count, float[] gradient, float[] m, float[] v) {
        mean((float) (1 - beta1), count, gradient, m);
        meanSquare((float) beta2, (float) (1 - beta2), count, gradient, v);
    }

    private static void decay(
            float added, float kept, int count, float[] gradient, float[] weights) {
        if (added != 0f) {
            addScaled(added, count, weights, gradient);
        }
        if (kept != 1f) {
            scale(kept, count, weights);
        }
    }

    static void addScaled(float factor, int count, float[] term, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] += factor * term[i];
        }
    }

    static void scale(float factor, int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] *= factor;
        }
    }

    static void mean(float share, int count, float[] gradient, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] += share * (gradient[i] - out[i]);
        }
    }

    static void meanSquare(float kept, float share, int count, float[] gradient, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = kept * out[i] + share * (gradient[i] * gradient[i]);
        }
    }

    private static void move(
            float rate,
            float rootOfCorrection,
            float epsilon,
            int count,
            float[] m,
            float[] v,
            float[] out) {
        for (var i = 0; i < count; i++) {
            var deviation = (float) Math.sqrt(v[i]) / rootOfCorrection + epsilon;
            out[i] -= rate * (m[i] / deviation);
        }
    }
}
