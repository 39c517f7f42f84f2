package dev.tutti.common.rounding;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The nearest numbers of 16 bits (bfloat16, {@link dev.tutti.common.vector.Bf16}), which halves the
 * bytes.
 */
public record Bf16() implements Rounding {
    private static final int BYTES = dev.tutti.common.vector.Bf16.BYTES;

    @Override
    public Optional<Precision> stored() {
        return Optional.of(Precision.BF16);
    }

    @Override
    public int bytesMax(int count) {
        return count * BYTES;
    }

    @Override
    public int encode(MemorySegment floats, MemorySegment out) {
        dev.tutti.common.vector.Bf16.encode(floats, out);
        return Math.toIntExact(Floats.count(floats) * BYTES);
    }

    @Override
    public void decode(MemorySegment bytes, MemorySegment out) {
        Roundings.requireBytes(Floats.count(out) * BYTES, bytes);
        dev.tutti.common.vector.Bf16.decode(bytes, out);
    }
}
