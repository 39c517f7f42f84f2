package dev.tutti.worker.data.idx;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.tutti.common.data.Features;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.SourceFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The images of some IDX files, one file behind the other.
 *
 * @param sample shape of one: 1 × rows × columns
 * @param count images
 * @param features bytes that stand for value / 255
 */
record IdxPictures(Shape sample, int count, Features features) {
    private static final int RANK = 3;

    /** Reads the header of a file of images. */
    static Idx header(SourceFile file) {
        return Idx.of(file, RANK);
    }

    /**
     * Reads images.
     *
     * @param files with their headers read
     * @param transposed whether the rows are stored as columns
     * @throws dev.tutti.common.data.DataException if one holds images of another size
     */
    static IdxPictures read(List<Idx> files, boolean transposed, Arena arena) {
        var first = files.getFirst();
        files.forEach(file -> requireShapeOf(first, file));
        var count = files.stream().map(Idx::count).reduce(0, Math::addExact);
        var size = shape(first).size();
        var images = arena.allocate((long) count * size, Floats.ALIGNMENT_BYTES);
        long at = 0;
        for (var file : files) {
            file.read(images.asSlice(at * size, (long) file.count() * size));
            at += file.count();
        }
        var shape = shape(first);
        if (transposed) {
            shape = Shape.of(1, shape.extent(2), shape.extent(1));
            transpose(shape, images);
        }
        return new IdxPictures(shape, count, new Features.Bytes(images));
    }

    /**
     * Turns stored columns into rows.
     *
     * @param shape of one image as it comes out
     */
    private static void transpose(Shape shape, MemorySegment out) {
        var rows = shape.extent(1);
        var columns = shape.extent(2);
        var image = new byte[shape.size()];
        for (var at = 0L; at < out.byteSize(); at += image.length) {
            MemorySegment.copy(out, JAVA_BYTE, at, image, 0, image.length);
            for (var row = 0; row < rows; row++) {
                for (var column = 0; column < columns; column++) {
                    out.set(
                            JAVA_BYTE,
                            at + (long) row * columns + column,
                            image[column * rows + row]);
                }
            }
        }
    }

    private static Shape shape(Idx file) {
        var extents = new ArrayList<>(List.of(1));
        extents.addAll(file.itemExtents());
        return new Shape(extents);
    }

    private static void requireShapeOf(Idx first, Idx file) {
        if (!shape(file).equals(shape(first))) {
            throw file.file()
                    .refused(
                            "its images are %s, but those of %s are %s"
                                    .formatted(shape(file), first.file().path(), shape(first)));
        }
    }
}
