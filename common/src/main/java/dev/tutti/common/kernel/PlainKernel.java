package dev.tutti.common.kernel;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/**
 * Matrix multiplication in plain Java: the fallback where there is no binary, and the kernel whose
 * bits are the same on every machine.
 *
 * <p>Every element is one sum over the inner index in ascending order, each product rounded before
 * it is added. The matrices are worked on in tiles that fit into the caches, copied to arrays for
 * the reason that {@link Blocks} gives; that changes no sum.
 */
public record PlainKernel() implements Kernel {
    private static final int ROWS_MAX = 16;
    private static final int COLUMNS_MAX = 256;
    private static final int INNER_MAX = 256;

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
        scale(beta, Floats.slice(out, 0, (long) rows * columns));
        addProduct(
                new Matrix(a, transposeA, rows, inner),
                new Matrix(b, transposeB, inner, columns),
                new Matrix(out, Transpose.NO, rows, columns));
    }

    @Override
    public String name() {
        return "plain";
    }

    private static void scale(float beta, MemorySegment out) {
        if (beta == 0f) {
            out.fill((byte) 0);
        } else if (beta != 1f) {
            Blocks.map(out, out, (count, block) -> scale(beta, count, block));
        }
    }

    private static void scale(float factor, int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] *= factor;
        }
    }

    private static void addProduct(Matrix left, Matrix right, Matrix out) {
        var heightMax = Math.min(ROWS_MAX, left.rows);
        var widthMax = Math.min(COLUMNS_MAX, right.columns);
        var depthMax = Math.min(INNER_MAX, right.rows);
        var factors = new float[heightMax][depthMax];
        var panel = new float[depthMax][widthMax];
        var sums = new float[heightMax][widthMax];
        for (var column = 0; column < out.columns; column += COLUMNS_MAX) {
            var width = Math.min(COLUMNS_MAX, out.columns - column);
            for (var inner = 0; inner < right.rows; inner += INNER_MAX) {
                var depth = Math.min(INNER_MAX, right.rows - inner);
                right.load(inner, depth, column, width, panel);
                for (var row = 0; row < out.rows; row += ROWS_MAX) {
                    var height = Math.min(ROWS_MAX, out.rows - row);
                    left.load(row, height, inner, depth, factors);
                    out.load(row, height, column, width, sums);
                    addTile(height, depth, width, factors, panel, sums);
                    out.store(row, height, column, width, sums);
                }
            }
        }
    }

    private static void addTile(
            int height, int depth, int width, float[][] factors, float[][] panel, float[][] out) {
        for (var row = 0; row < height; row++) {
            var i = 0;
            for (; i + 4 <= depth; i += 4) {
                addFour(factors[row], panel, i, width, out[row]);
            }
            for (; i < depth; i++) {
                addOne(factors[row][i], panel[i], width, out[row]);
            }
        }
    }

    /**
     * Adds four rows of the panel, one after the other, while the sums stay in registers. Each row
     * is an array of its own: with offsets into one array the loop is not vectorised.
     */
    private static void addFour(float[] factors, float[][] panel, int i, int width, float[] out) {
        var factor0 = factors[i];
        var factor1 = factors[i + 1];
        var factor2 = factors[i + 2];
        var factor3 = factors[i + 3];
        var row0 = panel[i];
        var row1 = panel[i + 1];
        var row2 = panel[i + 2];
        var row3 = panel[i + 3];
        for (var j = 0; j < width; j++) {
            var sum = out[j] + factor0 * row0[j];
            sum += factor1 * row1[j];
            sum += factor2 * row2[j];
            out[j] = sum + factor3 * row3[j];
        }
    }

    private static void addOne(float factor, float[] row, int width, float[] out) {
        for (var j = 0; j < width; j++) {
            out[j] += factor * row[j];
        }
    }

    /** A matrix of {@code rows} × {@code columns}, stored in either order. */
    private record Matrix(MemorySegment floats, Transpose transpose, int rows, int columns) {
        /** Copies the tile of {@code height} × {@code width} from (row, column) on. */
        void load(int row, int height, int column, int width, float[][] out) {
            if (transpose == Transpose.NO) {
                for (var i = 0; i < height; i++) {
                    Blocks.load(floats, at(row + i, column), width, out[i]);
                }
            } else {
                var line = new float[height];
                for (var j = 0; j < width; j++) {
                    Blocks.load(floats, (long) (column + j) * rows + row, height, line);
                    scatter(line, height, j, out);
                }
            }
        }

        /** Copies the tile back; only for a matrix that is not transposed. */
        void store(int row, int height, int column, int width, float[][] tile) {
            for (var i = 0; i < height; i++) {
                Blocks.store(tile[i], at(row + i, column), width, floats);
            }
        }

        private long at(int row, int column) {
            return (long) row * columns + column;
        }

        private static void scatter(float[] line, int count, int column, float[][] out) {
            for (var i = 0; i < count; i++) {
                out[i][column] = line[i];
            }
        }
    }
}
