package dev.tutti.worker.data.idx;

import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.source.SourceFile;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An IDX file of unsigned bytes: two zero bytes, 8 for "unsigned byte", the number of dimensions,
 * their big-endian extents, and the bytes row by row (LeCun, "The MNIST database").
 *
 * @param file plain or gzipped
 * @param extents the items, then the extents of one
 */
record Idx(SourceFile file, List<Integer> extents) {
    private static final int UNSIGNED_BYTES = 0x0800;
    private static final int CHUNK_BYTES = 1 << 16;

    /** No deflate stream unpacks to more than this many bytes a byte (zlib's documentation). */
    private static final long GZIP_RATIO_MAX = 1032;

    /**
     * Reads a file's header.
     *
     * @param rank the number of dimensions that it must have
     * @throws DataException if it is no such file, or too short for its header
     */
    static Idx of(SourceFile file, int rank) {
        try (var in = new DataInputStream(file.open())) {
            var magic = in.readInt();
            if (magic != (UNSIGNED_BYTES | rank)) {
                throw file.refused(
                        ("found magic number 0x%08x, expected 0x%08x (IDX, unsigned bytes, %d"
                                        + " dimensions)")
                                .formatted(magic, UNSIGNED_BYTES | rank, rank));
            }
            var extents = new ArrayList<Integer>();
            for (var i = 1; i <= rank; i++) {
                var extent = in.readInt();
                if (extent < 1) {
                    throw file.refused(
                            "dimension %d must be at least 1, was %d".formatted(i, extent));
                }
                extents.add(extent);
            }
            var idx = new Idx(file, List.copyOf(extents));
            idx.requireSize();
            return idx;
        } catch (IOException e) {
            throw file.refused(e);
        }
    }

    /** Returns the number of items: images, labels. */
    int count() {
        return extents.getFirst();
    }

    /** Returns the extents of one item. */
    List<Integer> itemExtents() {
        return extents.subList(1, extents.size());
    }

    /**
     * Reads all items.
     *
     * @param out as many bytes as the header announces
     * @throws DataException if the file holds less or more
     */
    void read(MemorySegment out) {
        try (var in = file.open()) {
            in.skipNBytes(headerBytes());
            readItems(in, out);
            if (in.read() >= 0) {
                throw file.refused("more follows the %s bytes of its header".formatted(product()));
            }
        } catch (IOException e) {
            throw file.refused(e);
        }
    }

    private void readItems(InputStream in, MemorySegment out) throws IOException {
        var chunk = new byte[CHUNK_BYTES];
        long at = 0;
        while (at < out.byteSize()) {
            var count = in.read(chunk, 0, (int) Math.min(CHUNK_BYTES, out.byteSize() - at));
            if (count < 0) {
                throw file.refused(
                        "it holds %d of the %s bytes of its header: it is truncated"
                                .formatted(at, product()));
            }
            MemorySegment.copy(chunk, 0, out, ValueLayout.JAVA_BYTE, at, count);
            at += count;
        }
    }

    /** Refuses a damaged header before memory is allocated for what it announces. */
    private void requireSize() throws IOException {
        long item = 1;
        for (var extent : itemExtents()) {
            item *= extent;
            if (item > Integer.MAX_VALUE) {
                throw file.refused("items of %s bytes are too large".formatted(product()));
            }
        }
        var expected = count() * item;
        var found = Files.size(file.path());
        if (file.gzipped()) {
            if (expected > found * GZIP_RATIO_MAX) {
                throw file.refused(
                        ("its header announces %s bytes, more than %d packed bytes can hold: it is"
                                        + " truncated or damaged")
                                .formatted(product(), found));
            }
        } else if (found != headerBytes() + expected) {
            throw file.refused(
                    "it has %d bytes, its header announces %d + %s: it is truncated or damaged"
                            .formatted(found, headerBytes(), product()));
        }
    }

    private int headerBytes() {
        return Integer.BYTES * (1 + extents.size());
    }

    private String product() {
        return extents.stream().map(String::valueOf).collect(Collectors.joining(" × "));
    }
}
