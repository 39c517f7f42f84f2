package dev.tutti.common.kernel;

import dev.tutti.common.vector.Bf16;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/**
 * Rounds both operands of every product to {@link Bf16}, and multiplies them in single precision:
 * what 16-bit instructions compute, but for the order of the sums, on a processor without them. It
 * costs time instead of saving it.
 *
 * @param exact multiplies the rounded operands
 */
public record RoundedKernel(Kernel exact) implements Kernel {
    private static final ThreadLocal<ThreadBuffers> BUFFERS =
            ThreadLocal.withInitial(ThreadBuffers::new);

    @Override
    public void multiply(
            Transpose transposeA,
            Transpose transposeB,
            int rows,
            int columns,
            int inner,
            MemorySegment a,
            MemorySegment b,
            float beta,
            MemorySegment out) {
        var buffers = BUFFERS.get();
        var left = rounded(Floats.slice(a, 0, (long) rows * inner), buffers.a);
        var right = rounded(Floats.slice(b, 0, (long) inner * columns), buffers.b);
        exact.multiply(transposeA, transposeB, rows, columns, inner, left, right, beta, out);
    }

    @Override
    public String name() {
        return "bf16-rounded " + exact.name();
    }

    private static MemorySegment rounded(MemorySegment floats, GrowingBuffer buffer) {
        var rounded = buffer.floats(Floats.count(floats));
        Bf16.round(floats, rounded);
        return rounded;
    }

    /** One thread's rounded operands, kept from call to call. */
    private static final class ThreadBuffers {
        private final GrowingBuffer a = new GrowingBuffer();
        private final GrowingBuffer b = new GrowingBuffer();
    }
}
