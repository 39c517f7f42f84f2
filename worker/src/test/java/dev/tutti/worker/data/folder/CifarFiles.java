package dev.tutti.worker.data.folder;

import dev.tutti.worker.data.idx.IdxFiles;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Files of CIFAR in binary form for tests. */
public final class CifarFiles {
    private static final int PIXELS = 3 * 32 * 32;

    private CifarFiles() {}

    /** Returns a record; the pixels count up from {@code first}. */
    public static byte[] entry(int first, int... labels) {
        var bytes = ByteBuffer.allocate(labels.length + PIXELS);
        for (var label : labels) {
            bytes.put((byte) label);
        }
        for (var i = 0; i < PIXELS; i++) {
            bytes.put((byte) (first + i));
        }
        return bytes.array();
    }

    public static Path write(Path folder, String name, byte[]... entries) {
        var bytes = ByteBuffer.allocate(entries.length * entries[0].length);
        for (var entry : entries) {
            bytes.put(entry);
        }
        return IdxFiles.write(folder, name, bytes.array());
    }
}
