package dev.tutti.common.kernel;

import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A short name for how a kernel rounds: the digest of the bits of a fixed set of products.
 *
 * <p>Two kernels of the same fingerprint add in the same order with the same rounding, as far as
 * products of many shapes can tell, so workers that use them may share a run and its bits.
 */
public final class KernelFingerprint {
    private static final int DIGITS = 16;
    private static final int OPERAND_FLOATS = 16_000;

    /** Below, at and beyond the tiles and unrollings of usual kernels. */
    private static final List<Size> SIZES =
            List.of(
                    new Size(1, 1, 1),
                    new Size(1, 10, 200),
                    new Size(3, 2, 5),
                    new Size(7, 9, 16),
                    new Size(17, 1, 64),
                    new Size(16, 16, 16),
                    new Size(33, 31, 47),
                    new Size(64, 10, 128),
                    new Size(33, 48, 200),
                    new Size(130, 34, 33),
                    new Size(20, 70, 199),
                    new Size(20, 512, 31));

    /**
     * Those of training, in turn: a kernel may compile each form of each size, which takes time.
     */
    private static final List<Form> FORMS =
            List.of(
                    new Form(Transpose.NO, Transpose.YES),
                    new Form(Transpose.YES, Transpose.NO),
                    new Form(Transpose.NO, Transpose.NO));

    private record Size(int rows, int columns, int inner) {}

    private record Form(Transpose a, Transpose b) {}

    private KernelFingerprint() {}

    /** Returns the fingerprint of {@code kernel}: 16 hexadecimal digits. */
    public static String of(Kernel kernel) {
        var digest = sha256();
        try (var arena = Arena.ofConfined()) {
            var operands = operands(arena);
            var scratch = Floats.allocate(arena, OPERAND_FLOATS);
            for (var i = 0; i < SIZES.size(); i++) {
                var size = SIZES.get(i);
                var room = Floats.slice(scratch, 0, (long) size.rows * size.columns);
                digestTwo(kernel, FORMS.get(i % FORMS.size()), size, operands, room, digest);
            }
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
    }

    /** Overwrites with one product, then adds another to it: both ways count. */
    private static void digestTwo(
            Kernel kernel,
            Form form,
            Size size,
            MemorySegment operands,
            MemorySegment scratch,
            MessageDigest out) {
        for (var beta = 0; beta <= 1; beta++) {
            var a = Floats.slice(operands, beta, (long) size.rows * size.inner);
            var b = Floats.slice(operands, 16, (long) size.inner * size.columns);
            kernel.multiply(
                    form.a, form.b, size.rows, size.columns, size.inner, a, b, beta, scratch);
            out.update(littleEndian(scratch));
        }
    }

    /** All operands are views of one vector: drawing numbers takes longer than multiplying them. */
    private static MemorySegment operands(Arena arena) {
        var random = Seeds.of(0, "kernel-fingerprint");
        var values = new float[OPERAND_FLOATS];
        for (var i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        return Floats.of(arena, values);
    }

    private static byte[] littleEndian(MemorySegment vector) {
        var bytes = ByteBuffer.allocate((int) vector.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(Floats.toArray(vector));
        return bytes.array();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
