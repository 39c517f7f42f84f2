package dev.tutti.worker.kernel;

import dev.tutti.common.vector.Bf16;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.MemorySegment;

/**
 * oneDNN's rounding of so many floats to {@link Bf16}; belongs to the thread that made it. It is
 * the processor's own instruction, which takes denormal numbers for zero, as its products do.
 */
final class OneDnnRounding {
    private static final int FROM = 1;
    private static final int TO = 17;

    private final OneDnnPrimitive primitive;

    OneDnnRounding(OneDnn library, long count) {
        var floats = library.vector(Precision.FP32, count);
        var halves = library.vector(Precision.BF16, count);
        primitive =
                new OneDnnPrimitive(
                        library,
                        library.conversion(floats, halves),
                        new OneDnnPrimitive.Argument(FROM, floats),
                        new OneDnnPrimitive.Argument(TO, halves));
    }

    void run(MemorySegment stream, MemorySegment floats, MemorySegment out) {
        primitive.run(stream, floats, out);
    }
}
