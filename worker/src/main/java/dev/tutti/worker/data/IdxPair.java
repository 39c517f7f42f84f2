package dev.tutti.worker.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** An IDX file of images and the one of their labels, both with their header read. */
record IdxPair(Idx images, Idx labels) {
    private static final int IMAGES_RANK = 3;
    private static final int LABELS_RANK = 1;

    /** Refuses images without labels, and labels without images. */
    IdxPair {
        if (labels.count() != images.count()) {
            throw labels.file()
                    .refused(
                            "it has %d labels, but %s has %d images"
                                    .formatted(
                                            labels.count(), images.file().path(), images.count()));
        }
    }

    /** Reads the headers of both files. */
    static IdxPair of(SourceFile images, SourceFile labels) {
        return new IdxPair(Idx.of(images, IMAGES_RANK), Idx.of(labels, LABELS_RANK));
    }

    /**
     * Reads images of 1 × rows × columns, the own test set last.
     *
     * @param classes names of the labels
     * @param transposed whether the rows are stored as columns
     */
    static Dataset read(
            String name,
            IdxPair train,
            Optional<IdxPair> test,
            IdxClasses classes,
            boolean transposed,
            Arena arena) {
        test.ifPresent(pair -> pair.requireShapeOf(train));
        var pairs = Stream.concat(Stream.of(train), test.stream()).toList();
        var count = pairs.stream().map(IdxPair::count).reduce(0, Math::addExact);
        var size = train.shape().size();
        var images = arena.allocate((long) count * size, Floats.ALIGNMENT_BYTES);
        long at = 0;
        for (var pair : pairs) {
            pair.images.read(images.asSlice(at * size, (long) pair.count() * size));
            at += pair.count();
        }
        var shape = train.shape();
        if (transposed) {
            shape = Shape.of(1, shape.extent(2), shape.extent(1));
            transpose(shape, images);
        }
        var labels = arena.allocate((long) count * Integer.BYTES, Floats.ALIGNMENT_BYTES);
        var named = readLabels(pairs, classes, labels);
        return new Dataset(
                name,
                shape,
                count,
                count - train.count(),
                List.of(),
                new Features.Bytes(images),
                new Targets.Labels(named.names(), labels));
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

    private int count() {
        return images.count();
    }

    private Shape shape() {
        var extents = new ArrayList<>(List.of(1));
        extents.addAll(images.itemExtents());
        return new Shape(extents);
    }

    private void requireShapeOf(IdxPair train) {
        if (!shape().equals(train.shape())) {
            throw images.file()
                    .refused(
                            "its images are %s, but those of %s are %s"
                                    .formatted(shape(), train.images.file().path(), train.shape()));
        }
    }

    /** Returns the classes that the labels are places in. */
    private static IdxClasses readLabels(
            List<IdxPair> pairs, IdxClasses classes, MemorySegment out) {
        var raw = pairs.stream().map(IdxPair::readLabels).toList();
        var found = raw.stream().flatMapToInt(IdxPair::numbers).summaryStatistics();
        var named = classes.resolved(found.getMin(), found.getMax());
        var at = 0L;
        for (var k = 0; k < raw.size(); k++) {
            for (var i = 0; i < raw.get(k).length; i++) {
                var label = Byte.toUnsignedInt(raw.get(k)[i]);
                out.setAtIndex(JAVA_INT, at, pairs.get(k).place(named, label, i));
                at++;
            }
        }
        return named;
    }

    private int place(IdxClasses classes, int label, int sample) {
        var place = classes.indexOf(label);
        if (place < 0) {
            var first = classes.first().orElse(0);
            throw labels.file()
                    .refused(
                            "label of sample %d must be from %d to %d, was %d"
                                    .formatted(
                                            sample,
                                            first,
                                            first + classes.names().size() - 1,
                                            label));
        }
        return place;
    }

    private byte[] readLabels() {
        var bytes = new byte[count()];
        labels.read(MemorySegment.ofArray(bytes));
        return bytes;
    }

    private static IntStream numbers(byte[] bytes) {
        return IntStream.range(0, bytes.length).map(i -> Byte.toUnsignedInt(bytes[i]));
    }
}
