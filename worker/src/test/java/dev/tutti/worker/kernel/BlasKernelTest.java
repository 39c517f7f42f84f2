package dev.tutti.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.Seeds;
import dev.tutti.common.kernel.BlasKernel;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.KernelFingerprint;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.kernel.Transpose;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlasKernelTest {
    private static final long SEED = 20_261_122L;
    private static Kernel blas = new PlainKernel();

    @BeforeAll
    static void load(@TempDir Path cache) {
        blas = new NativeKernels(cache).named("openblas");
    }

    @Test
    void nameSaysTheLibraryItsVersionAndTheProcessor() {
        assertThat(blas.name()).matches("openblas \\d+\\.\\d+\\.\\d+ \\w+");
    }

    @Test
    void productIsThatOfThePlainKernelForEveryShapeTransposeAndBeta() {
        var random = Seeds.of(SEED, "shapes");
        for (var round = 0; round < 300; round++) {
            try (var arena = Arena.ofConfined()) {
                var problem = Problem.draw(random, 1 + random.nextInt(90), arena);
                var expected = problem.solve(new PlainKernel(), arena);
                var found = problem.solve(blas, arena);
                for (long i = 0; i < Floats.count(found); i++) {
                    // |fl(Σ) − Σ| ≤ inner·2⁻²⁴·Σ|a·b|, and every |a·b| here is at most 1/4.
                    var bound = 2.0 * (problem.inner + 1) * (problem.inner / 4.0 + 1) * 0x1p-24;
                    assertThat(Math.abs((double) Floats.get(found, i) - Floats.get(expected, i)))
                            .as("seed %d, round %d, element %d of %s", SEED, round, i, problem)
                            .isLessThanOrEqualTo(bound);
                }
            }
        }
    }

    @Test
    void betaZeroOverwritesEvenNan() {
        try (var arena = Arena.ofConfined()) {
            for (var size : new int[] {1, 8, 64, 150}) {
                var one = vector(arena, size * size, 1f);
                var out = vector(arena, size * size, Float.NaN);
                blas.multiply(Transpose.NO, Transpose.NO, size, size, size, one, one, 0f, out);
                assertThat(Floats.toArray(out)).containsOnly(size);
            }
        }
    }

    @Test
    void emptyInnerLeavesBetaTimesOut() {
        try (var arena = Arena.ofConfined()) {
            for (var kernel : new Kernel[] {blas, new PlainKernel()}) {
                var out = vector(arena, 6, 2f);
                kernel.multiply(
                        Transpose.NO, Transpose.NO, 2, 3, 0, Floats.NONE, Floats.NONE, 1f, out);
                assertThat(Floats.toArray(out)).as(kernel.name()).containsOnly(2f);
                kernel.multiply(
                        Transpose.NO, Transpose.NO, 2, 3, 0, Floats.NONE, Floats.NONE, 0f, out);
                assertThat(Floats.toArray(out)).as(kernel.name()).containsOnly(0f);
            }
        }
    }

    @Test
    void bitsAreTheSameOnEveryCallAndThread() throws Exception {
        try (var arena = Arena.ofShared();
                var threads = Executors.newFixedThreadPool(4)) {
            var random = Seeds.of(SEED, "threads");
            for (var round = 0; round < 20; round++) {
                var problem = Problem.draw(random, 1 + random.nextInt(200), arena);
                var expected = problem.solve(blas, arena);
                var calls = new ArrayList<Callable<MemorySegment>>();
                for (var call = 0; call < 8; call++) {
                    calls.add(() -> problem.solve(blas, arena));
                }
                for (var result : threads.invokeAll(calls)) {
                    assertThat(result.get().mismatch(expected))
                            .as("seed %d, round %d, %s", SEED, round, problem)
                            .isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void alignmentOfTheOperandsDoesNotChangeBits() {
        var random = Seeds.of(SEED, "alignment");
        for (var round = 0; round < 60; round++) {
            try (var arena = Arena.ofConfined()) {
                var problem = Problem.draw(random, 1 + random.nextInt(130), arena);
                var expected = problem.solve(blas, arena);
                for (var offset = 1; offset <= 17; offset++) {
                    var moved = problem.moved(offset, arena);
                    assertThat(moved.solve(blas, arena).mismatch(expected))
                            .as("seed %d, round %d, %s, %d floats", SEED, round, problem, offset)
                            .isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void fingerprintIsStableAndNotThatOfThePlainKernel() {
        var fingerprint = KernelFingerprint.of(blas);
        assertThat(fingerprint).matches("[0-9a-f]{16}").isEqualTo(KernelFingerprint.of(blas));
        assertThat(fingerprint).isNotEqualTo(KernelFingerprint.of(new PlainKernel()));
    }

    @Test
    void tooSmallAnOperandIsRefusedBeforeNativeCode() {
        try (var arena = Arena.ofConfined()) {
            var enough = Floats.allocate(arena, 6);
            var less = Floats.allocate(arena, 5);
            assertThatThrownBy(() -> multiplyTwoByThree(less, enough, enough))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("operand a must hold 2×3 floats, holds 5");
            assertThatThrownBy(() -> multiplyTwoByThree(enough, less, enough))
                    .hasMessageContaining("operand b");
            assertThatThrownBy(() -> multiplyTwoByThree(enough, enough, Floats.allocate(arena, 3)))
                    .hasMessageContaining("operand out");
        }
    }

    @Test
    void libraryThatIsNoOpenBlasIsRefusedByTheNameOfWhatItLacks() {
        SymbolLookup empty = _ -> java.util.Optional.empty();
        assertThatThrownBy(() -> new BlasKernel(empty))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cblas_sgemm");
    }

    private static void multiplyTwoByThree(MemorySegment a, MemorySegment b, MemorySegment out) {
        blas.multiply(Transpose.NO, Transpose.NO, 2, 2, 3, a, b, 0f, out);
    }

    private static MemorySegment vector(Arena arena, int count, float value) {
        var out = Floats.allocate(arena, count);
        for (var i = 0; i < count; i++) {
            Floats.set(out, i, value);
        }
        return out;
    }

    /** One product: shape, operands, and what {@code out} holds before. */
    private record Problem(
            Transpose transposeA,
            Transpose transposeB,
            int rows,
            int columns,
            int inner,
            float beta,
            MemorySegment a,
            MemorySegment b,
            MemorySegment before) {
        static Problem draw(Seeds random, int extentMax, Arena arena) {
            var rows = 1 + random.nextInt(extentMax);
            var columns = 1 + random.nextInt(extentMax);
            var inner = 1 + random.nextInt(extentMax);
            return new Problem(
                    random.nextInt(2) == 0 ? Transpose.NO : Transpose.YES,
                    random.nextInt(2) == 0 ? Transpose.NO : Transpose.YES,
                    rows,
                    columns,
                    inner,
                    random.nextInt(2),
                    drawn(random, rows * inner, arena),
                    drawn(random, inner * columns, arena),
                    drawn(random, rows * columns, arena));
        }

        Problem moved(int offset, Arena arena) {
            return new Problem(
                    transposeA,
                    transposeB,
                    rows,
                    columns,
                    inner,
                    beta,
                    copy(a, offset, arena),
                    copy(b, 2 * offset, arena),
                    copy(before, 3 * offset, arena));
        }

        MemorySegment solve(Kernel kernel, Arena arena) {
            // The copy lies as far from a cache line's start as the original.
            var offset = (int) (before.address() / Floats.BYTES % 16);
            var out = copy(before, offset, arena);
            kernel.multiply(transposeA, transposeB, rows, columns, inner, a, b, beta, out);
            return out;
        }

        @Override
        public String toString() {
            return "%s·%s of %d×%d×%d, beta %s"
                    .formatted(transposeA, transposeB, rows, columns, inner, beta);
        }

        private static MemorySegment drawn(Seeds random, int count, Arena arena) {
            var out = Floats.allocate(arena, count);
            for (var i = 0; i < count; i++) {
                Floats.set(out, i, (float) (random.nextDouble() - 0.5));
            }
            return out;
        }

        private static MemorySegment copy(MemorySegment from, int offset, Arena arena) {
            var count = Floats.count(from);
            var out = Floats.slice(Floats.allocate(arena, offset + count), offset, count);
            Floats.copy(from, out);
            return out;
        }
    }
}
