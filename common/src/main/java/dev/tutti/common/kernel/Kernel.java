package dev.tutti.common.kernel;

import dev.tutti.common.vector.Elements;
import java.lang.foreign.MemorySegment;

/**
 * Matrix multiplication over off-heap floats, the one operation that decides a step's speed.
 *
 * <p>Matrices are row-major and dense: the leading dimension is the row's length in memory. An
 * implementation uses one thread per call, may be called by several threads at once, and gives the
 * same bits for the same operands: the order of its sums is fixed.
 */
public interface Kernel {
    /**
     * Writes {@code op(a)·op(b) + beta·out} to {@code out}.
     *
     * @param rows rows of {@code op(a)} and {@code out}
     * @param columns columns of {@code op(b)} and {@code out}
     * @param inner columns of {@code op(a)}, rows of {@code op(b)}
     * @param beta 0 to overwrite {@code out} (its content does not matter), 1 to add to it
     */
    void multiply(
            Transpose transposeA,
            Transpose transposeB,
            int rows,
            int columns,
            int inner,
            MemorySegment a,
            MemorySegment b,
            float beta,
            MemorySegment out);

    /**
     * The same of operands of either precision, to a result of either: those of 16 bits are the
     * floats that they stand for, and such a result is rounded once, when all of it is added up.
     *
     * <p>A kernel that multiplies floats decodes and encodes on the way.
     */
    default void multiply(
            Transpose transposeA,
            Transpose transposeB,
            int rows,
            int columns,
            int inner,
            Elements a,
            Elements b,
            float beta,
            Elements out) {
        DecodedProduct.multiply(
                this, transposeA, transposeB, rows, columns, inner, a, b, beta, out);
    }

    /**
     * Returns the kernel's name, with what is known of its build: {@code plain}, {@code openblas
     * …}.
     */
    String name();
}
