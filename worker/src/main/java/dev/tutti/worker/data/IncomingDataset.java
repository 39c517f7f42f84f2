package dev.tutti.worker.data;

import dev.tutti.common.data.DataException;
import dev.tutti.common.format.Sha256;
import dev.tutti.proto.failure.Reason;
import dev.tutti.worker.data.source.PartFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A dataset file on its way into the cache: its bytes may be written in any order, and are kept
 * only if they have the digest that they should have. Closed before that, it leaves nothing.
 */
public final class IncomingDataset implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path folder;
    private final PartFile part;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes;

    /** Makes the file at its full size. */
    IncomingDataset(Path folder, long byteSize) {
        this.folder = folder;
        try {
            this.part = PartFile.in(folder);
            try {
                requireRoom(byteSize);
                this.bytes = map(part.path(), byteSize, arena);
            } catch (IOException e) {
                part.close();
                throw e;
            }
        } catch (IOException e) {
            arena.close();
            throw refused(e);
        }
    }

    /** Returns the file's bytes, to be written until {@link #close}. */
    public MemorySegment bytes() {
        return bytes;
    }

    /**
     * Puts the file into the cache.
     *
     * @param digest the digest that the bytes must have
     * @throws DataException if they have another one, or the file cannot be written
     */
    public void keep(String digest) {
        requireDigest(digest, bytes);
        try {
            bytes.force();
            part.moveTo(DatasetCache.path(folder, digest));
        } catch (IOException e) {
            throw refused(e);
        }
    }

    /** Refuses a dataset that is not what it should be. */
    static void requireDigest(String digest, MemorySegment bytes) {
        var found = Sha256.hex(bytes);
        if (!found.equals(digest)) {
            throw new DataException(
                    "the dataset that arrived has digest %s, expected %s: it was damaged on its way"
                            .formatted(found, digest));
        }
    }

    @Override
    public void close() {
        arena.close();
        try {
            part.close();
        } catch (IOException e) {
            throw refused(e);
        }
    }

    private DataException refused(IOException failure) {
        return new DataException(
                "cannot write a dataset to the cache %s: %s; make room or set XDG_CACHE_HOME"
                        .formatted(folder, Reason.of(failure, folder)),
                failure);
    }

    /** Before the first byte: a peer that announces too much must not fill the disk. */
    private void requireRoom(long byteSize) throws IOException {
        var room = Files.getFileStore(folder).getUsableSpace();
        if (byteSize < 1 || byteSize > room) {
            throw new IOException(
                    "%d bytes are to come, there is room for %d".formatted(byteSize, room));
        }
    }

    private static MemorySegment map(Path path, long byteSize, Arena arena) throws IOException {
        try (var channel =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // Written out first: a full disk is an exception here, but would kill a mapped write.
            var zeros = ByteBuffer.allocateDirect((int) Math.min(CHUNK_BYTES, byteSize));
            for (long at = 0; at < byteSize; ) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), byteSize - at));
                at += channel.write(zeros, at);
            }
            return channel.map(MapMode.READ_WRITE, 0, byteSize, arena);
        }
    }
}
