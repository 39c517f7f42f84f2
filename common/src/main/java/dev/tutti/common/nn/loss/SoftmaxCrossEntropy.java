package dev.tutti.common.nn.loss;

import dev.tutti.common.data.Targets;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Softmax and cross-entropy in one, on logits: C_i = w_label (log Σ_k e^{z_k} − z_label), ∂C_i/∂z =
 * w_label (softmax(z) − t). The row's maximum is subtracted first, so no finite logits overflow.
 *
 * <p>A weight multiplies its sample before anything is added up. The mean divides by the number of
 * samples: the sum of any division of a batch stays the same sum. That is PyTorch's {@code
 * CrossEntropyLoss(weight, reduction="sum")}. Its {@code "mean"} divides by the sum of the weights
 * of the batch instead, so that a sample counts less the more samples of its class the batch
 * happens to have; over all samples, {@code "mean"} with balanced weights divides by the same
 * number.
 *
 * @param weights one for each class; none, if all classes count the same
 */
public record SoftmaxCrossEntropy(List<Float> weights) implements Loss {
    /** Copies the list, and refuses weights that are not above 0. */
    public SoftmaxCrossEntropy {
        weights = List.copyOf(weights);
        for (var weight : weights) {
            if (!(weight > 0 && Float.isFinite(weight))) {
                throw new IllegalArgumentException(
                        "weights must be finite numbers above 0, was " + weight);
            }
        }
    }

    /** Makes the loss under which all classes count the same. */
    public SoftmaxCrossEntropy() {
        this(List.of());
    }

    @Override
    public Targets.Kind targets() {
        return Targets.Kind.LABELS;
    }

    @Override
    public boolean isWeighted() {
        return !weights.isEmpty();
    }

    @Override
    public void requireOutputs(int outputs) {
        if (isWeighted() && weights.size() != outputs) {
            throw new PlugInException(
                    "the loss has weights for %d classes, but the model has %d outputs: give a weight for each"
                            .formatted(weights.size(), outputs));
        }
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
            var label = label(Floats.get(target, row), width, row);
            var cost = Rows.softmax(at, width, output, gradient) - Floats.get(output, at + label);
            Floats.set(gradient, at + label, Floats.get(gradient, at + label) - 1f);
            if (weights.isEmpty()) {
                sum += cost;
            } else {
                float weight = weights.get(label);
                sum += weight * cost;
                scale(weight, at, width, gradient);
            }
        }
        return sum;
    }

    private static void scale(float weight, long from, int count, MemorySegment out) {
        for (var i = from; i < from + count; i++) {
            Floats.set(out, i, weight * Floats.get(out, i));
        }
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
