package dev.tutti.common.optim;

import dev.tutti.common.vector.Parallel;

/**
 * Makes of a matrix nearly the orthogonal one that is nearest to it: five steps X ← aX + (bG +
 * cG²)X with G = XXᵀ, from X / ‖X‖ on (Jordan et al. 2024, "Muon"). Its singular values become
 * about 1, between 0.7 and 1.2.
 *
 * <p>Products are added up one after the other, whatever the number of threads, so the bits are
 * those of any machine.
 */
final class NewtonSchulz {
    private static final float A = 3.4445f;
    private static final float B = -4.7750f;
    private static final float C = 2.0315f;

    /** Rows of a product that one thread works out together, over columns that fit its cache. */
    private static final int ROWS = 8;

    private static final int COLUMNS = 1024;

    private NewtonSchulz() {}

    /**
     * Changes a matrix in place.
     *
     * @param steps of the iteration
     * @param epsilon keeps the divisor from zero
     * @param out rows × columns, row by row
     */
    static void orthogonalize(int steps, double epsilon, int rows, int columns, float[] out) {
        if (rows > columns) {
            var transposed = transpose(rows, columns, out);
            orthogonalize(steps, epsilon, columns, rows, transposed);
            System.arraycopy(transpose(columns, rows, transposed), 0, out, 0, out.length);
            return;
        }
        var norm = new GlobalNorm.Squares();
        norm.add(out.length, out);
        Moments.scale((float) (1 / Math.max(Math.sqrt(norm.total()), epsilon)), out.length, out);
        var gram = new float[rows * rows];
        var update = new float[rows * rows];
        var product = new float[out.length];
        for (var step = 0; step < steps; step++) {
            multiply(rows, columns, rows, out, transpose(rows, columns, out), gram);
            multiply(rows, rows, rows, gram, gram, update);
            Moments.scale(C, update.length, update);
            Moments.addScaled(B, update.length, gram, update);
            multiply(rows, rows, columns, update, out, product);
            Moments.scale(A, out.length, out);
            Moments.addScaled(1, out.length, product, out);
        }
    }

    private static float[] transpose(int rows, int columns, float[] matrix) {
        var out = new float[matrix.length];
        for (var i = 0; i < rows; i++) {
            for (var j = 0; j < columns; j++) {
                out[j * rows + i] = matrix[i * columns + j];
            }
        }
        return out;
    }

    /** Writes the product of rows × inner and inner × columns. */
    private static void multiply(
            int rows, int inner, int columns, float[] left, float[] right, float[] out) {
        Parallel.forEach(
                (rows - 1) / ROWS + 1,
                (long) rows * inner * columns,
                turn -> {
                    var from = turn * ROWS;
                    var to = Math.min(from + ROWS, rows);
                    for (var at = 0; at < columns; at += COLUMNS) {
                        var count = Math.min(COLUMNS, columns - at);
                        var sums = new float[to - from][count];
                        for (var k = 0; k < inner; k++) {
                            for (var i = from; i < to; i++) {
                                add(
                                        left[i * inner + k],
                                        k * columns + at,
                                        count,
                                        right,
                                        sums[i - from]);
                            }
                        }
                        for (var i = from; i < to; i++) {
                            System.arraycopy(sums[i - from], 0, out, i * columns + at, count);
                        }
                    }
                });
    }

    private static void add(float factor, int from, int count, float[] row, float[] out) {
        for (var j = 0; j < count; j++) {
            out[j] += factor * row[from + j];
        }
    }
}
