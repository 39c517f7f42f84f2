package dev.tutti.worker.data.idx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** IDX files for tests. */
public final class IdxFiles {
    private IdxFiles() {}

    /** Returns images of {@code rows × columns}; the pixels count up from {@code first}. */
    public static byte[] images(int count, int rows, int columns, int first) {
        var bytes = new byte[count * rows * columns];
        for (var i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return idx(0x803, bytes, count, rows, columns);
    }

    public static byte[] labels(int... labels) {
        var bytes = new byte[labels.length];
        for (var i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) labels[i];
        }
        return idx(0x801, bytes, labels.length);
    }

    static byte[] idx(int magic, byte[] items, int... extents) {
        var file = ByteBuffer.allocate(Integer.BYTES * (1 + extents.length) + items.length);
        file.putInt(magic);
        for (var extent : extents) {
            file.putInt(extent);
        }
        return file.put(items).array();
    }

    public static byte[] gzip(byte[] content) {
        try (var packed = new ByteArrayOutputStream()) {
            try (var out = new GZIPOutputStream(packed)) {
                out.write(content);
            }
            return packed.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Path folder(Path parent, String name) {
        try {
            return Files.createDirectories(parent.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Path write(Path folder, String name, byte[] content) {
        try {
            return Files.write(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
