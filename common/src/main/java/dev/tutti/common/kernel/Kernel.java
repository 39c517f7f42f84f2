package dev.tutti.common.kernel;

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
     * @param beta 0 to overwrite {@code out} (whatever it held), 1 to add to it
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
     * Returns the kernel's name, with what is known of its build: {@code plain}, {@code openblas
     * …}.
     */
    String name();
}
