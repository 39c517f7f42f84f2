package dev.tutti.worker.data.numpy;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes arrays into a zip file as {@code numpy.savez_compressed} does: little-endian, in C order,
 * version 1.0 of NumPy's format ("numpy.lib.format"). The same arrays give the same bytes.
 */
public final class NpzWriter implements AutoCloseable {
    private static final int BLOCK_BYTES = 1 << 16;

    /** The text begins at a multiple of 64 bytes, behind magic, version and length. */
    private static final int BEFORE_TEXT_BYTES = 10;

    private static final int ALIGNMENT_BYTES = 64;

    /** The first moment that a zip file can have. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private final ZipOutputStream zip;

    /**
     * Begins an archive.
     *
     * @param out is flushed by {@link #close}, and closed by its owner
     */
    public NpzWriter(OutputStream out) {
        this.zip = new ZipOutputStream(out);
    }

    /** Gives an element of an array by its place. */
    @FunctionalInterface
    private interface Elements {
        void put(int index, ByteBuffer out);
    }

    /**
     * Writes floats.
     *
     * @param shape extents, outermost first
     * @param numbers as many as the shape says
     */
    public void floats(String name, List<Integer> shape, MemorySegment numbers) throws IOException {
        write(
                name,
                "<f4",
                Float.BYTES,
                shape,
                (index, out) -> out.putFloat(numbers.getAtIndex(ValueLayout.JAVA_FLOAT, index)));
    }

    /** Writes a column of doubles. */
    public void doubles(String name, double[] numbers) throws IOException {
        write(
                name,
                "<f8",
                Double.BYTES,
                List.of(numbers.length),
                (index, out) -> out.putDouble(numbers[index]));
    }

    /** Writes a column of whole numbers. */
    public void wholes(String name, long[] numbers) throws IOException {
        write(
                name,
                "<i8",
                Long.BYTES,
                List.of(numbers.length),
                (index, out) -> out.putLong(numbers[index]));
    }

    /** Writes a column of texts, each padded with zeros to the longest one, in UTF-32. */
    public void texts(String name, List<String> texts) throws IOException {
        var longest =
                texts.stream()
                        .mapToInt(text -> text.codePointCount(0, text.length()))
                        .reduce(1, Math::max);
        write(
                name,
                "<U" + longest,
                Math.multiplyExact(longest, Integer.BYTES),
                List.of(texts.size()),
                (index, out) -> {
                    var end = out.position() + longest * Integer.BYTES;
                    texts.get(index).codePoints().forEach(out::putInt);
                    while (out.position() < end) {
                        out.putInt(0);
                    }
                });
    }

    private void write(
            String name, String type, int elementBytes, List<Integer> shape, Elements elements)
            throws IOException {
        var entry = new ZipEntry(name + ".npy");
        entry.setTimeLocal(TIME);
        zip.putNextEntry(entry);
        zip.write(header(type, shape));
        var count = shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
        var together = Math.max(1, BLOCK_BYTES / elementBytes);
        var block =
                ByteBuffer.allocate(Math.multiplyExact(together, elementBytes))
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (var index = 0; index < count; index++) {
            elements.put(index, block);
            if (!block.hasRemaining()) {
                zip.write(block.array(), 0, block.position());
                block.clear();
            }
        }
        zip.write(block.array(), 0, block.position());
        zip.closeEntry();
    }

    private static byte[] header(String type, List<Integer> shape) {
        var extents = shape.stream().map(extent -> extent + ",").collect(Collectors.joining(" "));
        var text =
                "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, extents);
        var bytes = BEFORE_TEXT_BYTES + text.length() + 1;
        var padding = Math.floorMod(-bytes, ALIGNMENT_BYTES);
        return ByteBuffer.allocate(bytes + padding)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(NpyHeader.MAGIC.clone())
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) (text.length() + padding + 1))
                .put((text + " ".repeat(padding) + "\n").getBytes(StandardCharsets.ISO_8859_1))
                .array();
    }

    /** Ends the archive. */
    @Override
    public void close() throws IOException {
        zip.finish();
        zip.flush();
    }
}
