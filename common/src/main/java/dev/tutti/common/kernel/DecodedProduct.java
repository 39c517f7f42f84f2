package dev.tutti.common.kernel;

import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.MemorySegment;

/** Products of 16-bit matrices by kernels that multiply floats. */
final class DecodedProduct {
    private static final ThreadLocal<ThreadBuffers> BUFFERS =
            ThreadLocal.withInitial(ThreadBuffers::new);

    private DecodedProduct() {}

    /** What {@link Kernel#multiply} of either precision promises. */
    static void multiply(
            Kernel kernel,
            Transpose transposeA,
            Transpose transposeB,
            int rows,
            int columns,
            int inner,
            Elements a,
            Elements b,
            float beta,
            Elements out) {
        var buffers = BUFFERS.get();
        var left = decoded(a, (long) rows * inner, buffers.a);
        var right = decoded(b, (long) inner * columns, buffers.b);
        var count = (long) rows * columns;
        if (out.precision() == Precision.FP32) {
            kernel.multiply(
                    transposeA, transposeB, rows, columns, inner, left, right, beta, out.floats());
            return;
        }
        var target = out.slice(0, count);
        var sums = buffers.out.floats(count);
        if (beta != 0f) {
            target.copyTo(Elements.of(sums));
        }
        kernel.multiply(transposeA, transposeB, rows, columns, inner, left, right, beta, sums);
        Elements.of(sums).copyTo(target);
    }

    private static MemorySegment decoded(Elements operand, long count, GrowingBuffer buffer) {
        return operand.precision() == Precision.FP32
                ? operand.floats()
                : operand.slice(0, count).floats(buffer.floats(count));
    }

    /** One thread's floats of operands and result. */
    private static final class ThreadBuffers {
        private final GrowingBuffer a = new GrowingBuffer();
        private final GrowingBuffer b = new GrowingBuffer();
        private final GrowingBuffer out = new GrowingBuffer();
    }
}
