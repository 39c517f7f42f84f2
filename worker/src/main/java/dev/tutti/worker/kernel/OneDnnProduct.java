package dev.tutti.worker.kernel;

import dev.tutti.common.kernel.Transpose;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.MemorySegment;

/** One product that oneDNN has compiled for its shape; belongs to the thread that made it. */
final class OneDnnProduct {
    private static final int SOURCE = 1;
    private static final int WEIGHTS = 33;
    private static final int DESTINATION = 17;

    /**
     * What decides on the compiled code.
     *
     * @param type of both operands
     * @param result type of the product
     * @param adds whether the product is added to what is there
     */
    record Form(
            Precision type,
            Precision result,
            Transpose transposeA,
            Transpose transposeB,
            int rows,
            int columns,
            int inner,
            boolean adds) {}

    private final OneDnnPrimitive primitive;

    OneDnnProduct(OneDnn library, Form form) {
        var a = library.matrix(form.type, form.transposeA, form.rows, form.inner);
        var b = library.matrix(form.type, form.transposeB, form.inner, form.columns);
        var out = library.matrix(form.result, Transpose.NO, form.rows, form.columns);
        primitive =
                new OneDnnPrimitive(
                        library,
                        library.product(a, b, form.adds, out),
                        new OneDnnPrimitive.Argument(SOURCE, a),
                        new OneDnnPrimitive.Argument(WEIGHTS, b),
                        new OneDnnPrimitive.Argument(DESTINATION, out));
    }

    void run(MemorySegment stream, MemorySegment a, MemorySegment b, MemorySegment out) {
        primitive.run(stream, a, b, out);
    }
}
