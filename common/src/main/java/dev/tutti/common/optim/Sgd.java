package dev.tutti.common.optim;

import static dev.tutti.common.kernel.Floats.get;
import static dev.tutti.common.kernel.Floats.set;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.lang.foreign.MemorySegment;
import java.util.List;

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
        implements Optimizer {
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
    public void step(
            long step,
            double rate,
            MemorySegment gradient,
            List<MemorySegment> slots,
            MemorySegment weights) {
        var pace = (float) rate;
        var decay = (float) weightDecay;
        if (momentum == 0) {
            plain(pace, decay, gradient, weights);
        } else if (nesterov) {
            nesterov(pace, (float) momentum, decay, gradient, slots.getFirst(), weights);
        } else {
            momentum(pace, (float) momentum, decay, gradient, slots.getFirst(), weights);
        }
    }

    private static void plain(
            float rate, float decay, MemorySegment gradient, MemorySegment weights) {
        var count = Floats.count(weights);
        for (long i = 0; i < count; i++) {
            var weight = get(weights, i);
            set(weights, i, weight - rate * (get(gradient, i) + decay * weight));
        }
    }

    private static void momentum(
            float rate,
            float momentum,
            float decay,
            MemorySegment gradient,
            MemorySegment velocity,
            MemorySegment weights) {
        var count = Floats.count(weights);
        for (long i = 0; i < count; i++) {
            var weight = get(weights, i);
            var v = momentum * get(velocity, i) + (get(gradient, i) + decay * weight);
            set(velocity, i, v);
            set(weights, i, weight - rate * v);
        }
    }

    private static void nesterov(
            float rate,
            float momentum,
            float decay,
            MemorySegment gradient,
            MemorySegment velocity,
            MemorySegment weights) {
        var count = Floats.count(weights);
        for (long i = 0; i < count; i++) {
            var weight = get(weights, i);
            var g = get(gradient, i) + decay * weight;
            var v = momentum * get(velocity, i) + g;
            set(velocity, i, v);
            set(weights, i, weight - rate * (g + momentum * v));
        }
    }
}
