package dev.tutti.common.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class KernelFingerprintTest {
    @Test
    void plainKernelHasOneFingerprintOnEveryMachine() {
        assertThat(KernelFingerprint.of(new PlainKernel())).isEqualTo("582a0e96fa60224c");
    }

    @Test
    void oneBitOfOneElementChangesTheFingerprint() {
        var plain = KernelFingerprint.of(new PlainKernel());
        assertThat(KernelFingerprint.of(new LastBitFlipped(0f))).isNotEqualTo(plain);
        assertThat(KernelFingerprint.of(new LastBitFlipped(1f))).isNotEqualTo(plain);
    }

    /** The plain kernel, but for the last bit of the last element where beta has a given value. */
    private record LastBitFlipped(float atBeta) implements Kernel {
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
            new PlainKernel()
                    .multiply(transposeA, transposeB, rows, columns, inner, a, b, beta, out);
            if (beta == atBeta && transposeA == Transpose.YES && columns == 70) {
                var last = (long) rows * columns - 1;
                Floats.set(out, last, Math.nextUp(Floats.get(out, last)));
            }
        }

        @Override
        public String name() {
            return "flipped";
        }
    }
}
