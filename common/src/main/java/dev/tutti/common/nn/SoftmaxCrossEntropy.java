package dev.tutti.common.nn;

import dev.tutti.common.kernel.Floats;
import java.lang.foreign.MemorySegment;

/**
 * Softmax and cross-entropy in one, on logits: C_i = log Σ_k e^{z_k} − z_label, ∂C_i/∂z =
 * softmax(z) − t. The row's maximum is subtracted first, so no finite logits overflow.
 */
public record SoftmaxCrossEntropy() implements Loss {
    @Override
    public Targets targets() {
        return Targets.LABELS;
    }

    @Override
    public double cost(
            int samples,
            int width,
            MemorySegment output,
            MemorySegment target,
            MemorySegment gradient) {
        var sum = 0.0;
        for (var row = 0; row < samples; row++) {
            var label = label(Floats.get(target, row), width, row);
            var at = (long) row * width;
            var max = max(output, at, width);
            var exponentials = exponentials(output, at, width, max, gradient);
            sum += StrictMath.log(exponentials) + (max - (double) Floats.get(output, at + label));
            scale((float) (1 / exponentials), at, width, gradient);
            Floats.set(gradient, at + label, Floats.get(gradient, at + label) - 1f);
        }
        return sum;
    }

    private static int label(float found, int classes, int row) {
        var label = (int) found;
        if (label != found || label < 0 || label >= classes) {
            throw new IllegalArgumentException(
                    "row %d: expected a label from 0 to %d, found %s"
                            .formatted(row, classes - 1, found));
        }
        return label;
    }

    private static float max(MemorySegment values, long from, int count) {
        var max = Floats.get(values, from);
        for (long i = from + 1; i < from + count; i++) {
            max = Math.max(max, Floats.get(values, i));
        }
        return max;
    }

    /** Writes e^(z − max), and returns its sum. */
    private static double exponentials(
            MemorySegment logits, long from, int count, float max, MemorySegment out) {
        var sum = 0.0;
        for (long i = from; i < from + count; i++) {
            var value = FloatMath.exp(Floats.get(logits, i) - max);
            Floats.set(out, i, value);
            sum += value;
        }
        return sum;
    }

    private static void scale(float factor, long from, int count, MemorySegment out) {
        for (long i = from; i < from + count; i++) {
            Floats.set(out, i, Floats.get(out, i) * factor);
        }
    }
}
