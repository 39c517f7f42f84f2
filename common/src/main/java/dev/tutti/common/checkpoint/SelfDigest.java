package dev.tutti.common.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.tutti.common.format.FormatException;
import dev.tutti.common.format.Safetensors;
import dev.tutti.common.format.Sha256;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A safetensors file with the SHA-256 of itself in its metadata: the digest of all its bytes with
 * zeros in the place of the digest's own digits. One file, so that one rename makes it appear;
 * safetensors, so that other programs read it.
 */
final class SelfDigest {
    private static final String KEY = "tutti.sha256";
    private static final int DIGITS = 64;
    private static final byte[] ZEROS = "0".repeat(DIGITS).getBytes(StandardCharsets.US_ASCII);

    /** No other place has these bytes: in a text's content the quotes would be escaped. */
    private static final byte[] MARK = "\"%s\":\"".formatted(KEY).getBytes(StandardCharsets.UTF_8);

    private SelfDigest() {}

    /** Returns the file as segments that follow one another. */
    static List<MemorySegment> write(
            List<Safetensors.Tensor> tensors, Map<String, String> metadata) {
        var described = new TreeMap<>(metadata);
        described.put(KEY, "0".repeat(DIGITS));
        var segments = new Safetensors(tensors, described).segments();
        var digest = Sha256.hex(segments).getBytes(StandardCharsets.US_ASCII);
        var front = segments.getFirst();
        MemorySegment.copy(digest, 0, front, JAVA_BYTE, place(front), DIGITS);
        return segments;
    }

    /**
     * Reads a file that {@link #write} wrote.
     *
     * @throws FormatException if it is anything else, were it by one bit
     */
    static Safetensors read(MemorySegment file) {
        var content = Safetensors.read(file);
        var said = content.metadata().get(KEY);
        if (said == null) {
            throw new FormatException("the metadata has no digest: this is no checkpoint");
        }
        var dataBytes = content.tensors().stream().mapToLong(t -> t.values().byteSize()).sum();
        var found = digest(file, Math.max(0, file.byteSize() - dataBytes));
        if (!found.equals(said)) {
            throw new FormatException(
                    "its SHA-256 is %s, it says %s: the file is damaged".formatted(found, said));
        }
        return content;
    }

    private static String digest(MemorySegment file, long frontBytes) {
        var place = place(file.asSlice(0, frontBytes));
        var behind = place + DIGITS;
        var segments = new ArrayList<MemorySegment>();
        segments.add(file.asSlice(0, place));
        segments.add(MemorySegment.ofArray(ZEROS));
        segments.add(file.asSlice(behind));
        return Sha256.hex(segments);
    }

    /** Returns where the digest's digits begin in what stands before the tensors. */
    private static long place(MemorySegment front) {
        var mark = MemorySegment.ofArray(MARK);
        for (long at = 0; at + MARK.length + DIGITS <= front.byteSize(); at++) {
            if (front.asSlice(at, MARK.length).mismatch(mark) < 0) {
                return at + MARK.length;
            }
        }
        throw new FormatException("the header does not show its digest: this is no checkpoint");
    }
}
