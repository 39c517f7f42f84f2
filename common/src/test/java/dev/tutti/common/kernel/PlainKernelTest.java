package dev.tutti.common.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class PlainKernelTest {
    private static final long SEED = 20_261_122L;
    private static final float[] BETAS = {0f, 1f, -0.5f};

    @Test
    void everyElementIsOneSumInAscendingOrderWhateverTheTiles() {
        var random = Seeds.of(SEED, "shapes");
        for (var round = 0; round < 200; round++) {
            var rows = extent(random, 40);
            var columns = extent(random, 300);
            var inner = extent(random, 300);
            for (var transposeA : Transpose.values()) {
                for (var transposeB : Transpose.values()) {
                    try (var arena = Arena.ofConfined()) {
                        var a = drawn(random, rows * inner, arena);
                        var b = drawn(random, inner * columns, arena);
                        var out = drawn(random, rows * columns, arena);
                        var beta = BETAS[random.nextInt(BETAS.length)];
                        var expected = Floats.allocate(arena, (long) rows * columns);
                        Floats.copy(out, expected);
                        multiplyNaively(
                                transposeA, transposeB, rows, columns, inner, a, b, beta, expected);
                        new PlainKernel()
                                .multiply(
                                        transposeA,
                                        transposeB,
                                        rows,
                                        columns,
                                        inner,
                                        a,
                                        b,
                                        beta,
                                        out);
                        assertThat(out.mismatch(expected))
                                .as(
                                        "seed %d, round %d: %s·%s of %d×%d×%d, beta %s",
                                        SEED,
                                        round,
                                        transposeA,
                                        transposeB,
                                        rows,
                                        columns,
                                        inner,
                                        beta)
                                .isEqualTo(-1);
                    }
                }
            }
        }
    }

    @Test
    void betaZeroOverwritesNanAndWhatLiesBehindOutStays() {
        try (var arena = Arena.ofConfined()) {
            var one = Floats.of(arena, 1f);
            var out = Floats.of(arena, Float.NaN, 5f);
            new PlainKernel().multiply(Transpose.NO, Transpose.NO, 1, 1, 1, one, one, 0f, out);
            assertThat(Floats.toArray(out)).containsExactly(1f, 5f);
        }
    }

    /** Mostly small, sometimes beyond a tile. */
    private static int extent(Seeds random, int max) {
        return 1 + random.nextInt(random.nextInt(4) == 0 ? max : 20);
    }

    private static MemorySegment drawn(Seeds random, int count, Arena arena) {
        var out = Floats.allocate(arena, count);
        for (var i = 0; i < count; i++) {
            Floats.set(out, i, (float) random.nextGaussian());
        }
        return out;
    }

    private static void multiplyNaively(
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
            for (var column = 0; column < columns; column++) {
                var at = row * columns + column;
                var sum = beta == 0f ? 0f : beta * Floats.get(out, at);
                for (var i = 0; i < inner; i++) {
                    sum +=
                            Floats.get(a, index(transposeA, row, i, rows, inner))
                                    * Floats.get(b, index(transposeB, i, column, inner, columns));
                }
                Floats.set(out, at, sum);
            }
        }
    }

    private static int index(Transpose transpose, int row, int column, int rows, int columns) {
        return transpose == Transpose.NO ? row * columns + column : column * rows + row;
    }
}
