package dev.tutti.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.KernelFingerprint;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.kernel.RoundedKernel;
import dev.tutti.common.kernel.Transpose;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Bf16;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every kernel that calls native code. */
class NativeKernelLawsTest {
    private static final long SEED = 20_261_122L;
    private static List<Kernel> kernels = List.of();

    @BeforeAll
    static void load(@TempDir Path cache) {
        var libraries = new NativeKernels(cache);
        kernels = List.of(libraries.named("openblas"), libraries.named("onednn"));
    }

    static List<Kernel> kernels() {
        return kernels;
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void nameSaysTheLibraryItsVersionAndTheProcessor(Kernel kernel) {
        assertThat(kernel.name()).matches("(openblas|onednn) \\d+\\.\\d+\\.\\d+ \\w+");
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void productIsThatOfThePlainKernelForEveryShapeTransposeAndBeta(Kernel kernel) {
        var random = Seeds.of(SEED, "shapes");
        for (var round = 0; round < 300; round++) {
            try (var arena = Arena.ofConfined()) {
                var problem =
                        Problem.draw(random, 1 + random.nextInt(round % 20 == 0 ? 600 : 90), arena);
                var expected = problem.solve(new PlainKernel(), arena);
                var found = problem.solve(kernel, arena);
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

    @ParameterizedTest
    @MethodSource("kernelsOfAllTypes")
    void productsOfLinesLeaveNativeMemoryWhole(Kernel kernel) {
        // A defect shows as a process that ends: the C library finds its memory damaged.
        var extents = new int[] {1, 17, 128, 2048};
        for (var rows : extents) {
            for (var columns : extents) {
                for (var inner : extents) {
                    if (Math.min(rows, Math.min(columns, inner)) == 1) {
                        checkProducts(kernel, rows, columns, inner);
                    }
                }
            }
        }
    }

    private static void checkProducts(Kernel kernel, int rows, int columns, int inner) {
        for (var transposeA : Transpose.values()) {
            for (var transposeB : Transpose.values()) {
                for (var beta = 0; beta <= 1; beta++) {
                    try (var arena = Arena.ofConfined()) {
                        var a = vector(arena, rows * inner, 0.5f);
                        var b = vector(arena, inner * columns, 0.25f);
                        var out = vector(arena, rows * columns, 1f);
                        kernel.multiply(
                                transposeA, transposeB, rows, columns, inner, a, b, beta, out);
                        assertThat(Floats.toArray(out))
                                .as("%d×%d×%d", rows, columns, inner)
                                .containsOnly(inner / 8f + beta);
                    }
                }
            }
        }
    }

    static List<Kernel> kernelsOfAllTypes() {
        var all = new ArrayList<>(kernels);
        all.addAll(sixteenBitKernels());
        return all;
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void betaZeroOverwritesEvenNan(Kernel kernel) {
        try (var arena = Arena.ofConfined()) {
            for (var size : new int[] {1, 8, 64, 150}) {
                var one = vector(arena, size * size, 1f);
                var out = vector(arena, size * size, Float.NaN);
                kernel.multiply(Transpose.NO, Transpose.NO, size, size, size, one, one, 0f, out);
                assertThat(Floats.toArray(out)).containsOnly(size);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void emptyInnerLeavesBetaTimesOut(Kernel kernel) {
        try (var arena = Arena.ofConfined()) {
            for (var each : new Kernel[] {kernel, new PlainKernel()}) {
                var out = vector(arena, 6, 2f);
                each.multiply(
                        Transpose.NO, Transpose.NO, 2, 3, 0, Floats.NONE, Floats.NONE, 1f, out);
                assertThat(Floats.toArray(out)).as(each.name()).containsOnly(2f);
                each.multiply(
                        Transpose.NO, Transpose.NO, 2, 3, 0, Floats.NONE, Floats.NONE, 0f, out);
                assertThat(Floats.toArray(out)).as(each.name()).containsOnly(0f);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void bitsAreTheSameOnEveryCallAndThread(Kernel kernel) throws Exception {
        try (var arena = Arena.ofShared();
                var threads = Executors.newFixedThreadPool(4)) {
            var random = Seeds.of(SEED, "threads");
            for (var round = 0; round < 100; round++) {
                var problem = Problem.draw(random, 1 + random.nextInt(200), arena);
                var expected = problem.solve(kernel, arena);
                var calls = new ArrayList<Callable<MemorySegment>>();
                for (var call = 0; call < 8; call++) {
                    calls.add(() -> problem.solve(kernel, arena));
                }
                for (var result : threads.invokeAll(calls)) {
                    assertThat(result.get().mismatch(expected))
                            .as("seed %d, round %d, %s", SEED, round, problem)
                            .isEqualTo(-1);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void alignmentOfTheOperandsDoesNotChangeBits(Kernel kernel) {
        var random = Seeds.of(SEED, "alignment");
        for (var round = 0; round < 60; round++) {
            try (var arena = Arena.ofConfined()) {
                var problem = Problem.draw(random, 1 + random.nextInt(130), arena);
                var expected = problem.solve(kernel, arena);
                for (var offset = 1; offset <= 17; offset++) {
                    var moved = problem.moved(offset, arena);
                    assertThat(moved.solve(kernel, arena).mismatch(expected))
                            .as("seed %d, round %d, %s, %d floats", SEED, round, problem, offset)
                            .isEqualTo(-1);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void fingerprintIsStableAndNotThatOfThePlainKernel(Kernel kernel) {
        var fingerprint = KernelFingerprint.of(kernel);
        assertThat(fingerprint).matches("[0-9a-f]{16}").isEqualTo(KernelFingerprint.of(kernel));
        assertThat(fingerprint).isNotEqualTo(KernelFingerprint.of(new PlainKernel()));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void tooSmallAnOperandIsRefusedBeforeNativeCode(Kernel kernel) {
        try (var arena = Arena.ofConfined()) {
            var enough = Floats.allocate(arena, 6);
            var less = Floats.allocate(arena, 5);
            assertThatThrownBy(() -> multiplyTwoByThree(kernel, less, enough, enough))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("operand a must hold 2×3 floats, holds 5");
            assertThatThrownBy(() -> multiplyTwoByThree(kernel, enough, less, enough))
                    .hasMessageContaining("operand b");
            assertThatThrownBy(() ->
                            multiplyTwoByThree(kernel, enough, enough, Floats.allocate(arena, 3)))
                    .hasMessageContaining("operand out");
        }
    }

    @Test
    void kernelsDoNotPassForEachOther() {
        assertThat(kernels.stream().map(KernelFingerprint::of)).doesNotHaveDuplicates();
    }

    @Test
    void libraryThatIsNoOneDnnIsRefusedByTheNameOfWhatItLacks() {
        SymbolLookup empty = _ -> java.util.Optional.empty();
        assertThatThrownBy(() -> new OneDnnKernel(empty, empty))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("omp_set_num_threads");
    }

    @Test
    void sixteenBitProductsAreThoseOfRoundedOperands() {
        var random = Seeds.of(SEED, "bf16");
        var oneDnn = (OneDnnKernel) kernels.getLast();
        var exact = new RoundedKernel(new PlainKernel());
        var sixteenBit = sixteenBitKernels();
        if (!oneDnn.hasBf16()) {
            assertThatThrownBy(oneDnn::bf16).hasMessageContaining("no bf16 instructions");
        }
        for (var round = 0; round < 60; round++) {
            try (var arena = Arena.ofConfined()) {
                var problem = Problem.draw(random, 1 + random.nextInt(60), arena);
                var expected = problem.solve(exact, arena);
                for (var sixteen : sixteenBit) {
                    var found = problem.solve(sixteen, arena);
                    for (long i = 0; i < Floats.count(found); i++) {
                        var bound = 2.0 * (problem.inner + 1) * (problem.inner / 4.0 + 1) * 0x1p-24;
                        assertThat(
                                        Math.abs(
                                                (double) Floats.get(found, i)
                                                        - Floats.get(expected, i)))
                                .as("seed %d, round %d, %s, %s", SEED, round, sixteen, problem)
                                .isLessThanOrEqualTo(bound);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sixteenBitKernels")
    void sixteenBitProductsKeepWhatIsNotFinite(Kernel kernel) {
        var size = 64;
        // The second NaN has its mark in the half that rounding takes away.
        for (var wrong :
                new float[] {Float.NaN, Float.intBitsToFloat(0x7f80_0001), Float.MAX_VALUE}) {
            try (var arena = Arena.ofConfined()) {
                var a = vector(arena, size * size, 1f);
                var b = vector(arena, size * size, 1f);
                var out = vector(arena, size * size, 0f);
                Floats.set(a, 3, wrong);
                kernel.multiply(Transpose.NO, Transpose.YES, size, size, size, a, b, 0f, out);
                assertThat(Floats.get(out, 0)).isNotFinite();
                assertThat(Floats.get(out, size)).isEqualTo(size);
            }
        }
    }

    /** What travels in 16 bits is multiplied where it lies, with the bits of its floats. */
    @ParameterizedTest
    @MethodSource("kernelsOfAllTypes")
    void operandsOf16BitsAreTheFloatsThatTheyStandFor(Kernel kernel) {
        for (var shape :
                new int[][] {{64, 48, 96}, {32, 10, 64}, {7, 5, 3}, {1, 9, 33}, {0, 4, 4}}) {
            for (var transposeA : Transpose.values()) {
                for (var transposeB : Transpose.values()) {
                    check16Bits(kernel, transposeA, transposeB, shape[0], shape[1], shape[2]);
                }
            }
        }
    }

    private static void check16Bits(
            Kernel kernel,
            Transpose transposeA,
            Transpose transposeB,
            int rows,
            int columns,
            int inner) {
        try (var arena = Arena.ofConfined()) {
            var random = Seeds.of(SEED, "16 bits", rows, columns, inner);
            var a = halves(arena, random, rows * inner);
            var b = halves(arena, random, inner * columns);
            var floatsA = a.floats(Floats.allocate(arena, a.count()));
            var floatsB = b.floats(Floats.allocate(arena, b.count()));
            for (var beta = 0; beta <= 1; beta++) {
                var start = halves(arena, random, rows * columns);
                var expected = Floats.allocate(arena, start.count());
                start.copyTo(Elements.of(expected));
                var out = Floats.allocate(arena, start.count());
                start.copyTo(Elements.of(out));
                kernel.multiply(
                        transposeA,
                        transposeB,
                        rows,
                        columns,
                        inner,
                        floatsA,
                        floatsB,
                        beta,
                        expected);
                kernel.multiply(
                        transposeA, transposeB, rows, columns, inner, a, b, beta, Elements.of(out));
                assertThat(out.mismatch(expected)).as("%s, seed %d", kernel, SEED).isEqualTo(-1);
                kernel.multiply(transposeA, transposeB, rows, columns, inner, a, b, beta, start);
                var rounded = Elements.allocate(arena, Precision.BF16, start.count());
                Elements.of(expected).copyTo(rounded);
                assertThat(start.memory().mismatch(rounded.memory()))
                        .as("rounded sums of %s, seed %d", kernel, SEED)
                        .isEqualTo(-1);
            }
        }
    }

    private static Elements halves(Arena arena, Seeds random, int count) {
        var floats = Floats.allocate(arena, count);
        for (var i = 0; i < count; i++) {
            Floats.set(floats, i, (float) random.nextGaussian());
        }
        var out = Elements.allocate(arena, Precision.BF16, count);
        Elements.of(floats).copyTo(out);
        return out;
    }

    static List<Kernel> sixteenBitKernels() {
        var all = new ArrayList<Kernel>(List.of(new RoundedKernel(kernels.getLast())));
        if (kernels.getLast() instanceof OneDnnKernel oneDnn && oneDnn.hasBf16()) {
            all.add(oneDnn.bf16());
        }
        return all;
    }

    @Test
    void roundedOperandsShowInTheFingerprintAndLeaveTheOperandsAlone() {
        var plain = new PlainKernel();
        assertThat(KernelFingerprint.of(new RoundedKernel(plain)))
                .isNotEqualTo(KernelFingerprint.of(plain));
        try (var arena = Arena.ofConfined()) {
            var third = Floats.of(arena, 1 / 3f);
            var out = Floats.allocate(arena, 1);
            new RoundedKernel(plain)
                    .multiply(Transpose.NO, Transpose.NO, 1, 1, 1, third, third, 0f, out);
            var rounded = Bf16.decode(Bf16.encode(1 / 3f));
            assertThat(Floats.get(out, 0)).isEqualTo(rounded * rounded);
            assertThat(Floats.get(third, 0)).isEqualTo(1 / 3f);
        }
    }

    @Test
    void libraryThatIsNoOpenBlasIsRefusedByTheNameOfWhatItLacks() {
        SymbolLookup empty = _ -> java.util.Optional.empty();
        assertThatThrownBy(() -> new BlasKernel(empty))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cblas_sgemm");
    }

    private static void multiplyTwoByThree(
            Kernel kernel, MemorySegment a, MemorySegment b, MemorySegment out) {
        kernel.multiply(Transpose.NO, Transpose.NO, 2, 2, 3, a, b, 0f, out);
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
            // Rows a power of two apart are a case of their own to some kernels.
            var columns =
                    extentMax > 120 && random.nextInt(2) == 0 ? 512 : 1 + random.nextInt(extentMax);
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
