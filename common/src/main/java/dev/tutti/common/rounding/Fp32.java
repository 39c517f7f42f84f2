package dev.tutti.common.rounding;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Floats of 32 bits as they are: nothing is rounded. */
public record Fp32() implements Rounding {
    @Override
    public Optional<Precision> stored() {
        return Optional.of(Precision.FP32);
    }

    @Override
    public int bytesMax(int count) {
        return count * Floats.BYTES;
    }

    @Override
    public int encode(MemorySegment floats, MemorySegment out) {
        MemorySegment.copy(floats, 0, out, 0, floats.byteSize());
        return Math.toIntExact(floats.byteSize());
    }

    @Override
    public void decode(MemorySegment bytes, MemorySegment out) {
        Roundings.requireBytes(out.byteSize(), bytes);
        out.copyFrom(bytes);
    }
}
