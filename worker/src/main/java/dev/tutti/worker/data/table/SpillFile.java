package dev.tutti.worker.data.table;

import dev.tutti.common.data.DataException;
import dev.tutti.proto.failure.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;

/**
 * Blocks of memory in a temporary file. The file has no name any more once it is open: it is gone
 * when it is closed, and whenever the process ends.
 */
final class SpillFile implements AutoCloseable {
    private final FileChannel channel;

    SpillFile(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Makes a file in the folder for temporary files.
     *
     * @throws IOException if there is no such folder, or it takes no file
     */
    static SpillFile open() throws IOException {
        var path = Files.createTempFile("tutti-", ".cells");
        try {
            return new SpillFile(
                    FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } finally {
            Files.delete(path);
        }
    }

    /**
     * Writes a block.
     *
     * @param number of the block, counted from 0; all blocks have one size
     * @throws IOException if there is no room for it
     */
    void write(int number, MemorySegment block) throws IOException {
        var bytes = block.asByteBuffer();
        var at = number * block.byteSize();
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /**
     * Reads a block.
     *
     * @param out as large as the block
     */
    void read(int number, MemorySegment out) {
        var bytes = out.asByteBuffer();
        var at = number * out.byteSize();
        try {
            while (bytes.hasRemaining()) {
                var count = channel.read(bytes, at);
                if (count < 0) {
                    throw new EOFException("it ends too early");
                }
                at += count;
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Returns the refusal of a file that was written and fails now. */
    static DataException failed(IOException e) {
        return new DataException(
                "a temporary file with the cells of a table cannot be used: " + Reason.of(e), e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
