package dev.tutti.common.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One product that oneDNN has compiled for its shape; belongs to the thread that made it. Its
 * native objects, a few kilobytes, stay until the process ends.
 */
final class OneDnnProduct {
    private static final int SOURCE = 1;
    private static final int WEIGHTS = 33;
    private static final int DESTINATION = 17;
    private static final int ARGUMENTS = 3;
    private static final int ARGUMENT_BYTES = 16;

    /**
     * What decides on the compiled code.
     *
     * @param type of both operands; the product is always of floats
     * @param adds whether the product is added to what is there
     */
    record Form(
            OneDnn.Type type,
            Transpose transposeA,
            Transpose transposeB,
            int rows,
            int columns,
            int inner,
            boolean adds) {}

    private final OneDnn library;
    private final MemorySegment primitive;
    private final MemorySegment a;
    private final MemorySegment b;
    private final MemorySegment out;
    private final MemorySegment arguments;

    OneDnnProduct(OneDnn library, Form form) {
        this.library = library;
        var shapeA = library.matrix(form.type, form.transposeA, form.rows, form.inner);
        var shapeB = library.matrix(form.type, form.transposeB, form.inner, form.columns);
        var shapeOut = library.matrix(OneDnn.Type.F32, Transpose.NO, form.rows, form.columns);
        primitive = library.product(shapeA, shapeB, form.adds, shapeOut);
        a = library.memory(shapeA);
        b = library.memory(shapeB);
        out = library.memory(shapeOut);
        arguments = Arena.ofAuto().allocate(ARGUMENTS * ARGUMENT_BYTES, Long.BYTES);
        argument(0, SOURCE, a);
        argument(1, WEIGHTS, b);
        argument(2, DESTINATION, out);
    }

    private void argument(int index, int meaning, MemorySegment memory) {
        arguments.set(JAVA_INT, (long) index * ARGUMENT_BYTES, meaning);
        arguments.set(ADDRESS, (long) index * ARGUMENT_BYTES + Long.BYTES, memory);
    }

    void run(
            MemorySegment stream,
            MemorySegment operandA,
            MemorySegment operandB,
            MemorySegment product) {
        library.pointTo(operandA, a);
        library.pointTo(operandB, b);
        library.pointTo(product, out);
        library.execute(primitive, stream, ARGUMENTS, arguments);
    }
}
