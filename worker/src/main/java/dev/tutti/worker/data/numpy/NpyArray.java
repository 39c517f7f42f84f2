package dev.tutti.worker.data.numpy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.vector.Floats;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An array in a file; its elements are read when they are asked for, a block at a time.
 *
 * @param name what messages call it
 */
public record NpyArray(String name, NpyHeader header, Content content) {
    private static final int BLOCK_BYTES = 1 << 16;

    /** Where the array's bytes are. */
    @FunctionalInterface
    interface Content {
        /** Returns all bytes, the header first. */
        InputStream open() throws IOException;

        /** Maps all bytes to read them; nothing if they are not in a file of their own. */
        default Optional<MemorySegment> mapped(Arena arena) throws IOException {
            return Optional.empty();
        }
    }

    /** A file {@code .npy}. */
    private record InFile(Path file) implements Content {
        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }

        @Override
        public Optional<MemorySegment> mapped(Arena arena) throws IOException {
            try (var channel = FileChannel.open(file)) {
                return Optional.of(
                        channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
            }
        }
    }

    /** Takes the elements of an array. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes one.
         *
         * @param index of the element if the last index runs fastest
         */
        void take(long index, double value);
    }

    /**
     * Reads the header of an array.
     *
     * @param bytes all that the file says it holds of the array
     * @throws DataException if it is no array of numbers, or not as long as its header says
     */
    static NpyArray of(String name, long bytes, Content content) throws IOException {
        try (var in = content.open()) {
            var header = NpyHeader.read(in);
            if (bytes - header.bytes() != header.dataBytes()) {
                throw new DataException(
                        ("%d bytes follow its header, which announces %s elements of %d: it is"
                                        + " truncated or damaged")
                                .formatted(
                                        bytes - header.bytes(),
                                        header.text(),
                                        header.type().bytes()));
            }
            return new NpyArray(name, header, content);
        } catch (DataException e) {
            throw new DataException("array %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    /**
     * Reads the header of a file {@code .npy}.
     *
     * @throws DataException if it is no array of numbers, or not as long as its header says
     */
    public static NpyArray of(String name, Path file) throws IOException {
        return of(name, Files.size(file), new InFile(file));
    }

    /** Returns the number of dimensions. */
    public int rank() {
        return header.shape().size();
    }

    /** Returns the extent of the first dimension: the samples. */
    public int rows() {
        return header.shape().getFirst();
    }

    /** Returns the elements of one sample. */
    public long width() {
        return header.count() / rows();
    }

    /**
     * Maps the elements, the last index running fastest; nothing if they are not in a file of their
     * own, or stored in another order.
     */
    Optional<MemorySegment> mapped(Arena arena) throws IOException {
        var aligned = header.bytes() % Floats.ALIGNMENT_BYTES == 0;
        return header.fortranOrder() || !aligned
                ? Optional.empty()
                : content.mapped(arena)
                        .map(bytes -> bytes.asSlice(header.bytes(), header.dataBytes()));
    }

    /** Reads all elements, in the file's order. */
    public void read(Sink sink) throws IOException {
        var bytes = header.type().bytes();
        var block = ByteBuffer.allocate(BLOCK_BYTES).order(header.type().order());
        var places = new Places(header);
        try (var in = content.open()) {
            in.skipNBytes(header.bytes());
            var left = header.dataBytes();
            while (left > 0) {
                var length = (int) Math.min(BLOCK_BYTES, left);
                if (in.readNBytes(block.array(), 0, length) < length) {
                    throw new EOFException();
                }
                for (var at = 0; at < length; at += bytes) {
                    sink.take(places.next(), header.type().number(block, at));
                }
                left -= length;
            }
            // An archive compares its checksum at the end of an array.
            if (in.read() >= 0) {
                throw new DataException(
                        "array %s: more follows than its header announces: it is damaged"
                                .formatted(name));
            }
        }
    }
}
