package dev.tutti.common.compress;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.random.Seeds;
import java.util.Arrays;

/**
 * Sends two thin matrices whose product is near the tensor (Vogels et al. 2019, "PowerSGD",
 * algorithm 1): P = M·Q, made orthonormal, and Q = Mᵀ·P; M becomes P·Qᵀ. It is biased: use it
 * inside {@link ErrorFeedback}.
 *
 * <p>The paper begins with the Q of the step before. This keeps nothing: Q is drawn anew for each
 * batch, and the power iteration is run once more. The paper also takes the mean of P over all
 * workers before it is made orthonormal. Here each virtual worker has factors of its own, which
 * follow from its tensor alone.
 *
 * <p>All is computed in doubles and one order; the factors are rounded to floats before they are
 * multiplied.
 *
 * @param rank columns of P and Q; tensors of which the factors take more than half of the bytes
 *     travel as they are
 */
public record PowerSgd(@Default("2") int rank) implements MatrixCompressor {
    /** What is left of a column that depends on those before it, up to rounding. */
    private static final double DEPENDENT = 1e-10;

    /** Refuses factors without columns. */
    public PowerSgd {
        Bounds.atLeast("rank", 1, rank);
    }

    @Override
    public boolean isCompressed(Matrix matrix) {
        return MatrixCompressor.super.isCompressed(matrix)
                && 2 * matrixBytesMax(matrix) <= (long) Float.BYTES * matrix.count();
    }

    @Override
    public long matrixBytesMax(Matrix matrix) {
        return (long) Float.BYTES * rank * ((long) matrix.rows() + matrix.columns());
    }

    @Override
    public void encodeMatrix(Scene scene, Matrix matrix, float[] values, CodeWriter out) {
        var p = new double[rank][matrix.rows()];
        var q = random(scene, matrix.columns());
        for (var iteration = 0; iteration < 2; iteration++) {
            orthonormalize(q);
            multiply(values, q, p);
            orthonormalize(p);
            round(p);
            multiplyTransposed(values, p, q);
        }
        var left = floats(p);
        var right = floats(q);
        write(left, out);
        write(right, out);
        multiply(left, right, values);
    }

    @Override
    public void decodeMatrix(Scene scene, Matrix matrix, CodeReader in, float[] out) {
        var left = new float[rank][matrix.rows()];
        var right = new float[rank][matrix.columns()];
        read(in, left);
        read(in, right);
        multiply(left, right, out);
    }

    private double[][] random(Scene scene, int columns) {
        var random = Seeds.of(scene.seed(), "power-sgd", scene.batch(), scene.tensor());
        var q = new double[rank][columns];
        for (var column : q) {
            Arrays.setAll(column, _ -> random.nextGaussian());
        }
        return q;
    }

    /** Writes M·Q; each array is a column. */
    private static void multiply(float[] values, double[][] q, double[][] out) {
        for (var k = 0; k < q.length; k++) {
            for (var row = 0; row < out[k].length; row++) {
                out[k][row] = dot(values, row * q[k].length, q[k]);
            }
        }
    }

    /** Writes Mᵀ·P. */
    private static void multiplyTransposed(float[] values, double[][] p, double[][] out) {
        for (var k = 0; k < p.length; k++) {
            Arrays.fill(out[k], 0);
            for (var row = 0; row < p[k].length; row++) {
                add(p[k][row], values, row * out[k].length, out[k]);
            }
        }
    }

    /** Writes P·Qᵀ, row by row. */
    private static void multiply(float[][] p, float[][] q, float[] out) {
        var columns = q[0].length;
        for (var row = 0; row < p[0].length; row++) {
            var from = row * columns;
            Arrays.fill(out, from, from + columns, 0f);
            for (var k = 0; k < p.length; k++) {
                add(p[k][row], q[k], from, out);
            }
        }
    }

    /**
     * Makes columns of length 1 and orthogonal to those before them (Gram and Schmidt, twice: once
     * alone leaves the rounding of large parts). One that depends on those before it becomes zero.
     */
    private static void orthonormalize(double[][] columns) {
        for (var k = 0; k < columns.length; k++) {
            var before = Math.sqrt(dot(columns[k], columns[k]));
            for (var turn = 0; turn < 2; turn++) {
                for (var other = 0; other < k; other++) {
                    add(-dot(columns[k], columns[other]), columns[other], columns[k]);
                }
            }
            var length = Math.sqrt(dot(columns[k], columns[k]));
            // What is not finite goes through to the receiver.
            if (Double.isFinite(before) && length <= DEPENDENT * before) {
                Arrays.fill(columns[k], 0);
            } else {
                divide(length, columns[k]);
            }
        }
    }

    private static double dot(float[] values, int from, double[] q) {
        // Four sums, as each addition of one sum waits for the one before it.
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        var i = 0;
        for (; i + 3 < q.length; i += 4) {
            a += values[from + i] * q[i];
            b += values[from + i + 1] * q[i + 1];
            c += values[from + i + 2] * q[i + 2];
            d += values[from + i + 3] * q[i + 3];
        }
        for (; i < q.length; i++) {
            a += values[from + i] * q[i];
        }
        return a + b + c + d;
    }

    private static double dot(double[] x, double[] y) {
        var sum = 0.0;
        for (var i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    private static void add(double factor, float[] values, int from, double[] out) {
        for (var i = 0; i < out.length; i++) {
            out[i] += factor * values[from + i];
        }
    }

    private static void add(double factor, double[] values, double[] out) {
        for (var i = 0; i < out.length; i++) {
            out[i] += factor * values[i];
        }
    }

    private static void add(float factor, float[] values, int from, float[] out) {
        for (var i = 0; i < values.length; i++) {
            out[from + i] += factor * values[i];
        }
    }

    private static void divide(double divisor, double[] out) {
        for (var i = 0; i < out.length; i++) {
            out[i] /= divisor;
        }
    }

    /** Rounds to what is sent, so that the other factor belongs to that. */
    private static void round(double[][] out) {
        for (var column : out) {
            for (var i = 0; i < column.length; i++) {
                column[i] = (float) column[i];
            }
        }
    }

    private static float[][] floats(double[][] columns) {
        return Arrays.stream(columns).map(PowerSgd::floats).toArray(float[][]::new);
    }

    private static float[] floats(double[] column) {
        var floats = new float[column.length];
        for (var i = 0; i < floats.length; i++) {
            floats[i] = (float) column[i];
        }
        return floats;
    }

    private static void write(float[][] columns, CodeWriter out) {
        for (var column : columns) {
            out.numbers(column.length, column);
        }
    }

    private static void read(CodeReader in, float[][] out) {
        for (var column : out) {
            in.numbers(column.length, column);
        }
    }
}
