package dev.tutti.coordinator.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that grows line by line and never keeps half a line. */
public final class LineFile implements Closeable {
    private final FileChannel channel;
    private long bytes;

    /**
     * Opens a file, or makes it.
     *
     * @param keptBytes how much of what is there stays; what is behind is cut off
     */
    public LineFile(Path file, long keptBytes) throws IOException {
        this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        this.bytes = Math.min(keptBytes, channel.size());
        channel.truncate(bytes);
    }

    /** Returns its length. */
    public long bytes() {
        return bytes;
    }

    /** Adds a line, or fails and adds nothing. */
    public void append(String line) throws IOException {
        var content = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        var size = content.remaining();
        try {
            while (content.hasRemaining()) {
                channel.write(content, bytes + content.position());
            }
        } catch (IOException e) {
            channel.truncate(bytes);
            throw e;
        }
        bytes += size;
    }

    /** Takes away all that is behind so many bytes. */
    public void cut(long keptBytes) throws IOException {
        channel.truncate(keptBytes);
        bytes = Math.min(bytes, keptBytes);
    }

    /** Brings the lines to the disk; any thread may ask for it. */
    void force() throws IOException {
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
