package dev.tutti.worker.data.matrix;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.tutti.worker.data.idx.IdxFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Arrays of NumPy for tests. */
public final class NumpyFiles {
    private NumpyFiles() {}

    /** Returns an array of version 1, little-endian. */
    static byte[] array(String type, String shape, double... numbers) {
        var text =
                "{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }\n"
                        .formatted(type, shape);
        var bytes = ByteBuffer.allocate(10 + text.length() + 8 * numbers.length);
        bytes.order(ByteOrder.LITTLE_ENDIAN).put("\u0093NUMPY".getBytes(ISO_8859_1));
        bytes.put((byte) 1).put((byte) 0).putShort((short) text.length());
        bytes.put(text.getBytes(ISO_8859_1));
        for (var number : numbers) {
            switch (type) {
                case "<f4" -> bytes.putFloat((float) number);
                case "<f8" -> bytes.putDouble(number);
                default -> bytes.put((byte) number);
            }
        }
        return java.util.Arrays.copyOf(bytes.array(), bytes.position());
    }

    public static Path write(
            Path folder, String name, String type, String shape, double... numbers) {
        return IdxFiles.write(folder, name, array(type, shape, numbers));
    }

    /** Writes an archive of arrays of these names, each 1 and 2. */
    public static Path archive(Path folder, String file, List<String> names) {
        try (var packed = new ByteArrayOutputStream()) {
            try (var out = new ZipOutputStream(packed)) {
                for (var name : names) {
                    out.putNextEntry(new ZipEntry(name + ".npy"));
                    out.write(array("<f4", "2", 1, 2));
                }
            }
            return IdxFiles.write(folder, file, packed.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
