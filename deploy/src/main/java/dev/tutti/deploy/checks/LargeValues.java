package dev.tutti.deploy.checks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;

/**
 * Numbers whose squares are beyond a 32-bit float. Gradients hold such squares, and so do the means
 * that Adam keeps: training overflows, or stands still.
 */
public final class LargeValues {
    /** The square root of the largest float. */
    private static final float MAX = (float) Math.sqrt(Float.MAX_VALUE);

    private LargeValues() {}

    /**
     * Returns a warning for the features and one for the targets, where they have such numbers.
     *
     * @param dataset as the model gets it
     * @param lines the line of the file that a sample stands in; below 1 if it has none
     */
    public static List<String> warnings(Dataset dataset, IntToLongFunction lines) {
        var warnings = new ArrayList<String>();
        if (dataset.features() instanceof Features.Reals(var values)) {
            warn(
                    dataset.name(),
                    dataset.featureNames(),
                    dataset.sample().size(),
                    values,
                    lines,
                    "give --standardize, or divide the column",
                    warnings);
        }
        if (dataset.targets() instanceof Targets.Values(var names, var values)) {
            warn(
                    dataset.name(),
                    names,
                    names.size(),
                    values,
                    lines,
                    "give --standardize-targets, or divide the column",
                    warnings);
        }
        return List.copyOf(warnings);
    }

    private static void warn(
            String name,
            List<String> columns,
            int width,
            MemorySegment values,
            IntToLongFunction lines,
            String advice,
            List<String> out) {
        var magnitude = largest(values);
        if (magnitude <= MAX) {
            return;
        }
        var largest = 0L;
        while (Math.abs(Floats.get(values, largest)) != magnitude) {
            largest++;
        }
        var sample = (int) (largest / width);
        var column = (int) (largest % width);
        var line = lines.applyAsLong(sample);
        out.add(
                "%s: %s, %s: %s is so large that its square overflows a 32-bit float, and training can fail or stand still: %s"
                        .formatted(
                                name,
                                line > 0 ? "line " + line : "sample " + sample,
                                columns.isEmpty()
                                        ? "input " + column
                                        : "column \"%s\"".formatted(columns.get(column)),
                                Floats.get(values, largest),
                                advice));
    }

    /** Returns the largest magnitude; in blocks on the heap, whose loop is fast from the start. */
    private static float largest(MemorySegment values) {
        var block = new float[(int) Math.min(Blocks.FLOATS_MAX, Floats.count(values))];
        var largest = 0f;
        for (long at = 0; at < Floats.count(values); at += block.length) {
            var count = (int) Math.min(block.length, Floats.count(values) - at);
            MemorySegment.copy(values, JAVA_FLOAT, at * Floats.BYTES, block, 0, count);
            largest = Math.max(largest, largest(block, count));
        }
        return largest;
    }

    private static float largest(float[] block, int count) {
        var largest = 0f;
        for (var i = 0; i < count; i++) {
            largest = Math.max(largest, Math.abs(block[i]));
        }
        return largest;
    }
}
