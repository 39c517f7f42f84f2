package dev.tutti.common.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.tutti.common.data.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
    private static final ValueLayout.OfFloat LITTLE_ENDIAN =
            JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Rows, columns, inner: below, at and beyond the tiles and unrollings of usual kernels. */
    private static final List<int[]> SIZES =
            List.of(
                    new int[] {1, 1, 1},
                    new int[] {1, 10, 200},
                    new int[] {3, 2, 5},
                    new int[] {7, 9, 16},
                    new int[] {17, 1, 64},
                    new int[] {16, 16, 16},
                    new int[] {33, 31, 47},
                    new int[] {64, 10, 128},
                    new int[] {65, 96, 100},
                    new int[] {128, 130, 33},
                    new int[] {20, 200, 199});

    private KernelFingerprint() {}

    /** Returns the fingerprint of {@code kernel}: 16 hexadecimal digits. */
    public static String of(Kernel kernel) {
        var digest = sha256();
        try (var arena = Arena.ofConfined()) {
            for (var size : SIZES) {
                for (var transposeA : Transpose.values()) {
                    for (var transposeB : Transpose.values()) {
                        digest.update(product(kernel, transposeA, transposeB, size, arena));
                    }
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
    }

    /** Overwrites with one product and adds a second to it, so that both ways are told apart. */
    private static byte[] product(
            Kernel kernel, Transpose transposeA, Transpose transposeB, int[] size, Arena arena) {
        var rows = size[0];
        var columns = size[1];
        var inner = size[2];
        var a = drawn(arena, "fingerprint-a", rows, inner);
        var b = drawn(arena, "fingerprint-b", inner, columns);
        var out = drawn(arena, "fingerprint-out", rows, columns);
        kernel.multiply(transposeA, transposeB, rows, columns, inner, a, b, 0f, out);
        kernel.multiply(transposeA, transposeB, rows, columns, inner, a, b, 1f, out);
        return littleEndian(out);
    }

    private static MemorySegment drawn(Arena arena, String purpose, int rows, int columns) {
        var random = Seeds.of(0, purpose, rows, columns);
        var out = Floats.allocate(arena, (long) rows * columns);
        for (long i = 0; i < Floats.count(out); i++) {
            Floats.set(out, i, (float) (random.nextDouble() - 0.5));
        }
        return out;
    }

    private static byte[] littleEndian(MemorySegment vector) {
        var bytes = new byte[(int) vector.byteSize()];
        var out = MemorySegment.ofArray(bytes);
        for (long i = 0; i < Floats.count(vector); i++) {
            out.set(LITTLE_ENDIAN, i * Floats.BYTES, Floats.get(vector, i));
        }
        return bytes;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
