package dev.tutti.worker.data.numpy;

import dev.tutti.common.data.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Several arrays under their names, in a zip file as {@code numpy.savez} writes it. */
public final class NpzArchive implements ArrayStore {
    private static final String ENDING = ".npy";

    /** No deflate stream unpacks to more than this many bytes a byte (zlib's documentation). */
    private static final long DEFLATE_RATIO_MAX = 1032;

    private final ZipFile zip;

    private NpzArchive(ZipFile zip) {
        this.zip = zip;
    }

    /** Opens an archive. */
    public static NpzArchive open(Path file) throws IOException {
        return new NpzArchive(new ZipFile(file.toFile()));
    }

    @Override
    public List<String> names() {
        return zip.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.endsWith(ENDING))
                .map(name -> name.substring(0, name.length() - ENDING.length()))
                .toList();
    }

    @Override
    public boolean has(String name) {
        return zip.getEntry(name + ENDING) != null;
    }

    @Override
    public NpyArray array(String name) throws IOException {
        var entry = zip.getEntry(name + ENDING);
        if (entry == null) {
            throw new DataException(
                    "it has no array \"%s\"; it has %s"
                            .formatted(name, String.join(", ", names())));
        }
        requireSize(name, entry);
        return NpyArray.of(name, entry.getSize(), () -> open(name, entry));
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    /** Refuses a damaged size before memory is allocated for what it announces. */
    private static void requireSize(String name, ZipEntry entry) {
        var packed = entry.getCompressedSize();
        if (entry.getSize() < 0 || packed < 0 || entry.getSize() > packed * DEFLATE_RATIO_MAX) {
            throw new DataException(
                    "array %s: its %d bytes cannot be in %d packed ones: it is damaged"
                            .formatted(name, entry.getSize(), packed));
        }
    }

    private InputStream open(String name, ZipEntry entry) throws IOException {
        var in = zip.getInputStream(entry);
        if (in == null) {
            throw new ZipException("the content of array " + name + " is missing");
        }
        return new Checked(in, name, entry.getCrc());
    }

    /** Content whose checksum is compared at its end. */
    private static final class Checked extends CheckedInputStream {
        private final String name;
        private final long expected;

        Checked(InputStream in, String name, long expected) {
            super(in, new CRC32());
            this.name = name;
            this.expected = expected;
        }

        @Override
        public int read() throws IOException {
            var value = super.read();
            if (value < 0) {
                compare();
            }
            return value;
        }

        @Override
        public int read(byte[] out, int from, int count) throws IOException {
            var read = super.read(out, from, count);
            if (read < 0) {
                compare();
            }
            return read;
        }

        private void compare() throws IOException {
            if (getChecksum().getValue() != expected) {
                throw new ZipException("the checksum of array " + name + " is wrong");
            }
        }
    }
}
