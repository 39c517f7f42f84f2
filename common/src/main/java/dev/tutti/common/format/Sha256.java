package dev.tutti.common.format;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 over memory outside the heap: the digest of weights and of dataset files. */
public final class Sha256 {
    /** A {@link java.nio.ByteBuffer} holds less than 2 GiB; larger memory is fed in pieces. */
    private static final long PIECE_BYTES = 1 << 30;

    private Sha256() {}

    /** Returns the digest of all bytes, as 64 hexadecimal digits. */
    public static String hex(MemorySegment bytes) {
        return hex(List.of(bytes));
    }

    /** Returns the digest of all bytes of the segments, one after another. */
    public static String hex(List<MemorySegment> segments) {
        var digest = digest();
        for (var bytes : segments) {
            for (long at = 0; at < bytes.byteSize(); at += PIECE_BYTES) {
                var size = Math.min(PIECE_BYTES, bytes.byteSize() - at);
                digest.update(bytes.asSlice(at, size).asByteBuffer());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
