package dev.tutti.common.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Matrix multiplication as plain loops: the oracle of the fast kernels, and the fallback where
 * there is no binary.
 *
 * <p>Every element is one sum over the inner index in ascending order.
 */
public record PlainKernel() implements Kernel {
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
        for (var row = 0; row < rows; row++) {
            var outRow = Floats.slice(out, (long) row * columns, columns);
            if (beta == 0f) {
                outRow.fill((byte) 0);
            } else {
                scale(beta, outRow);
            }
            for (var i = 0; i < inner; i++) {
                var factor = Floats.get(a, at(transposeA, row, i, rows, inner));
                if (transposeB == Transpose.NO) {
                    addScaled(factor, Floats.slice(b, (long) i * columns, columns), outRow);
                } else {
                    addScaledColumn(factor, b, i, inner, outRow);
                }
            }
        }
    }

    @Override
    public String name() {
        return "plain";
    }

    private static long at(Transpose transpose, int row, int column, int rows, int columns) {
        return transpose == Transpose.NO
                ? (long) row * columns + column
                : (long) column * rows + row;
    }

    private static void scale(float factor, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            Floats.set(out, i, Floats.get(out, i) * factor);
        }
    }

    private static void addScaled(float factor, MemorySegment term, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            Floats.set(out, i, Floats.get(out, i) + factor * Floats.get(term, i));
        }
    }

    private static void addScaledColumn(
            float factor, MemorySegment matrix, int column, int stride, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            Floats.set(
                    out, i, Floats.get(out, i) + factor * Floats.get(matrix, i * stride + column));
        }
    }
}
