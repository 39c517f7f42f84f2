package dev.tutti.proto;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/** CRC32C, which finds what a network or a memory turned over (RFC 3720, appendix B.4). */
public final class Checksum {
    private Checksum() {}

    /** Returns the checksum of at most 2 GiB. */
    public static int of(MemorySegment bytes) {
        var crc = new CRC32C();
        crc.update(bytes.asByteBuffer());
        return (int) crc.getValue();
    }

    /** Returns the checksum of numbers as floats: it does not depend on how they are stored. */
    public static int of(Elements elements) {
        if (elements.precision() == Precision.FP32) {
            return of(elements.floats());
        }
        var crc = new CRC32C();
        var count = elements.count();
        try (var arena = Arena.ofConfined()) {
            var block = Floats.allocate(arena, Math.min(Blocks.FLOATS_MAX, count));
            for (long at = 0; at < count; at += Blocks.FLOATS_MAX) {
                var part = elements.slice(at, Math.min(Blocks.FLOATS_MAX, count - at));
                crc.update(part.floats(block).asByteBuffer());
            }
        }
        return (int) crc.getValue();
    }
}
