package dev.tutti.common.compress;

import dev.tutti.common.compress.Compressor.Matrix;
import dev.tutti.common.compress.Compressor.Scene;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;

/** Tensors that compressors are tried with, and what becomes of them. */
final class Tensors {
    /** One of every shape: vectors, columns, small ones, wide ones, and at the edges of each. */
    static final List<Matrix> SHAPES =
            List.of(
                    new Matrix(1, 1),
                    new Matrix(1, 1000),
                    new Matrix(7, 9),
                    new Matrix(64, 1),
                    new Matrix(2, 32),
                    new Matrix(1000, 1),
                    new Matrix(1000, 3),
                    new Matrix(3, 1000),
                    new Matrix(33, 65));

    /** A matrix that every compressor compresses. */
    static final Matrix LARGE = new Matrix(40, 48);

    private static final int TAIL = 3;
    private static final float TAIL_VALUE = 77;

    private Tensors() {}

    /** What a compressor has made: what the code stands for, and its bytes. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared as a whole.
    record Sent(float[] values, byte[] code) {}

    static Compressor parse(String text) {
        return Compressors.CATALOGUE.parse(text);
    }

    /** Returns normal numbers. */
    static float[] gaussian(Matrix matrix, Random random) {
        return filled(matrix, _ -> random.nextGaussian());
    }

    static float[] filled(Matrix matrix, IntToDoubleFunction value) {
        var values = new float[matrix.count()];
        for (var i = 0; i < values.length; i++) {
            values[i] = (float) value.applyAsDouble(i);
        }
        return values;
    }

    /** Returns finite tensors of every kind. */
    static List<float[]> finite(Matrix matrix, Random random) {
        var tensors = new ArrayList<float[]>();
        tensors.add(gaussian(matrix, random));
        tensors.add(
                filled(matrix, _ -> random.nextGaussian() * Math.exp(4 * random.nextGaussian())));
        tensors.add(filled(matrix, i -> i / matrix.columns() % 4 > 0 ? 0 : random.nextGaussian()));
        tensors.add(filled(matrix, _ -> random.nextInt(5) - 2));
        tensors.add(filled(matrix, _ -> random.nextBoolean() ? 1 : -1));
        tensors.add(filled(matrix, _ -> -1 - random.nextDouble()));
        tensors.add(filled(matrix, _ -> Float.MIN_VALUE * (random.nextInt(9) - 4)));
        tensors.add(filled(matrix, _ -> Float.MAX_VALUE * (random.nextDouble() - 0.5)));
        tensors.add(filled(matrix, _ -> 0.0));
        tensors.add(filled(matrix, _ -> -0.0));
        return tensors;
    }

    static float[][] state(Compressor compressor, Matrix matrix) {
        return new float[compressor.states()][matrix.count()];
    }

    /** Encodes a copy, in an array with more numbers behind, which must stay. */
    static Sent send(
            Compressor compressor, Scene scene, Matrix matrix, float[] values, float[][] state) {
        var longer = withTail(values);
        var out = new CodeWriter();
        compressor.encode(scene, matrix, longer, state, out);
        return new Sent(withoutTail(longer), out.take());
    }

    /** Encodes a copy as the first of its virtual worker. */
    static Sent send(Compressor compressor, Scene scene, Matrix matrix, float[] values) {
        return send(compressor, scene, matrix, values, state(compressor, matrix));
    }

    /** Decodes the first code of a virtual worker. */
    static float[] receive(Compressor compressor, Scene scene, Matrix matrix, byte[] code) {
        return receive(compressor, scene, matrix, code, received(compressor, matrix));
    }

    /** Returns what a receiver keeps at first. */
    static float[][] received(Compressor compressor, Matrix matrix) {
        return compressor.sharesState() ? state(compressor, matrix) : Compressor.NO_STATE;
    }

    /** Decodes into an array with more numbers behind, which must stay, and reads to the end. */
    static float[] receive(
            Compressor compressor, Scene scene, Matrix matrix, byte[] code, float[][] state) {
        var in = new CodeReader(code);
        var out = withTail(filled(matrix, _ -> 5));
        compressor.decode(scene, matrix, in, state, out);
        if (!in.isAtEnd()) {
            throw new AssertionError("bytes are left of " + code.length);
        }
        return withoutTail(out);
    }

    /** Returns the bits of numbers; those of every NaN are the same. */
    static int[] bits(float[] values) {
        var bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
        return bits;
    }

    static boolean allFinite(float[] values) {
        var finite = true;
        for (var value : values) {
            finite &= Float.isFinite(value);
        }
        return finite;
    }

    private static float[] withTail(float[] values) {
        var longer = Arrays.copyOf(values, values.length + TAIL);
        Arrays.fill(longer, values.length, longer.length, TAIL_VALUE);
        return longer;
    }

    private static float[] withoutTail(float[] longer) {
        var count = longer.length - TAIL;
        for (var i = count; i < longer.length; i++) {
            if (longer[i] != TAIL_VALUE) {
                throw new AssertionError("a number behind the tensor was changed");
            }
        }
        return Arrays.copyOf(longer, count);
    }
}
