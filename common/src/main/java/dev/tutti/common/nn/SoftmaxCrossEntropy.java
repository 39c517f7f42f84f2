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
            var at = (long) row * width;
            var label = at + label(Floats.get(target, row), width, row);
            sum += Rows.softmax(at, width, output, gradient) - Floats.get(output, label);
            Floats.set(gradient, label, Floats.get(gradient, label) - 1f);
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
}
