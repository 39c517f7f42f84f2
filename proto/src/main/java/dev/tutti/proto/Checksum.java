package dev.tutti.proto;

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
}
