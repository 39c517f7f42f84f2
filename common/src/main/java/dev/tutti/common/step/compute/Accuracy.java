package dev.tutti.common.step.compute;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/** From outputs to classes. */
public final class Accuracy {
    private Accuracy() {}

    /** Returns how many of the last pass's samples have their largest output at their class. */
    static int correct(Dataset data, Loss loss, Workspace workspace, int samples) {
        // A shard of an epoch's last batch may have no sample, and so no outputs to look at.
        if (!data.labelled() || samples == 0) {
            return 0;
        }
        var outputs = workspace.outputs(samples);
        var width = Math.toIntExact(Floats.count(outputs) / samples);
        var correct = 0;
        for (var row = 0; row < samples; row++) {
            correct += predicted(loss, outputs, row, width) == label(workspace, row) ? 1 : 0;
        }
        return correct;
    }

    /**
     * Returns the class that a row's outputs say: the first largest, or a lone one by the loss's
     * threshold.
     *
     * @param outputs samples × width
     */
    public static int predicted(Loss loss, MemorySegment outputs, int row, int width) {
        return width == 1
                ? (Floats.get(outputs, row) > loss.threshold() ? 1 : 0)
                : largest(outputs, row, width);
    }

    private static int label(Workspace workspace, int row) {
        var width = workspace.targetWidth();
        return width == 1
                ? (int) Floats.get(workspace.targets(), row)
                : largest(workspace.targets(), row, width);
    }

    private static int largest(MemorySegment rows, int row, int width) {
        var best = 0;
        for (var k = 1; k < width; k++) {
            if (Floats.get(rows, (long) row * width + k)
                    > Floats.get(rows, (long) row * width + best)) {
                best = k;
            }
        }
        return best;
    }
}
