package dev.tutti.common.optim;

import static dev.tutti.common.kernel.Floats.get;
import static dev.tutti.common.kernel.Floats.set;

import dev.tutti.common.kernel.Floats;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What Adam and AdamW share (Kingma and Ba 2015, algorithm 1): running means of the gradient and of
 * its square, both corrected for their start at zero, ε outside the square root.
 *
 * @param beta1 decay of the gradient's mean, m
 * @param beta2 decay of the square's mean, v
 * @param epsilon ε
 */
record Moments(double beta1, double beta2, double epsilon) {
    /** Slots that {@link #step} needs: m, then v. */
    static final int SLOTS = 2;

    /**
     * Takes one step.
     *
     * @param added λ of the decay that is added to the gradient: g + λθ
     * @param kept what a decay beside the gradient leaves of θ: 1 − ηλ
     */
    void step(
            long step,
            double rate,
            double added,
            double kept,
            MemorySegment gradient,
            List<MemorySegment> slots,
            MemorySegment weights) {
        var correction1 = 1 - StrictMath.pow(beta1, (double) (step + 1));
        var correction2 = 1 - StrictMath.pow(beta2, (double) (step + 1));
        var m = slots.get(0);
        var v = slots.get(1);
        decay((float) added, (float) kept, gradient, weights);
        means((float) (1 - beta1), (float) beta2, (float) (1 - beta2), gradient, m, v);
        move(
                (float) (rate / correction1),
                (float) Math.sqrt(correction2),
                (float) epsilon,
                m,
                v,
                weights);
    }

    private static void decay(
            float added, float kept, MemorySegment gradient, MemorySegment weights) {
        if (added != 0f) {
            addScaled(added, weights, gradient);
        }
        if (kept != 1f) {
            scale(kept, weights);
        }
    }

    private static void addScaled(float factor, MemorySegment term, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            set(out, i, get(out, i) + factor * get(term, i));
        }
    }

    private static void scale(float factor, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            set(out, i, get(out, i) * factor);
        }
    }

    private static void means(
            float new1,
            float old2,
            float new2,
            MemorySegment gradient,
            MemorySegment m,
            MemorySegment v) {
        var count = Floats.count(gradient);
        for (long i = 0; i < count; i++) {
            var g = get(gradient, i);
            set(m, i, get(m, i) + new1 * (g - get(m, i)));
            set(v, i, old2 * get(v, i) + new2 * (g * g));
        }
    }

    private static void move(
            float rate,
            float rootOfCorrection,
            float epsilon,
            MemorySegment m,
            MemorySegment v,
            MemorySegment weights) {
        var count = Floats.count(weights);
        for (long i = 0; i < count; i++) {
            var deviation = (float) Math.sqrt(get(v, i)) / rootOfCorrection + epsilon;
            set(weights, i, get(weights, i) - rate * (get(m, i) / deviation));
        }
    }
}
