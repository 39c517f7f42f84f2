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
     * @param classNames names of the labels from 0 on; none to name them by their number
     */
    static Dataset read(
            String name,
            IdxPair train,
            Optional<IdxPair> test,
            List<String> classNames,
            Arena arena) {
        test.ifPresent(pair -> pair.requireShapeOf(train));
        var pairs = Stream.concat(Stream.of(train), test.stream()).toList();
        var count = pairs.stream().map(IdxPair::count).reduce(0, Math::addExact);
        var size = train.shape().size();
        var images = arena.allocate((long) count * size, Floats.ALIGNMENT_BYTES);
        var labels = arena.allocate((long) count * Integer.BYTES, Floats.ALIGNMENT_BYTES);
        var labelMax = 0;
        long at = 0;
        for (var pair : pairs) {
            pair.images.read(images.asSlice(at * size, (long) pair.count() * size));
            var out = labels.asSlice(at * Integer.BYTES, (long) pair.count() * Integer.BYTES);
            labelMax = Math.max(labelMax, pair.readLabels(classNames, out));
            at += pair.count();
        }
        return new Dataset(
                name,
                train.shape(),
                count,
                count - train.count(),
                List.of(),
                new Features.Bytes(images),
                new Targets.Labels(
                        classNames.isEmpty() ? numbersTo(labelMax) : classNames, labels));
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

    /** Returns the largest label. */
    private int readLabels(List<String> classNames, MemorySegment out) {
        try (var arena = Arena.ofConfined()) {
            var bytes = arena.allocate(count());
            labels.read(bytes);
            var max = 0;
            for (var i = 0; i < count(); i++) {
                var label = Byte.toUnsignedInt(bytes.get(JAVA_BYTE, i));
                if (!classNames.isEmpty() && label >= classNames.size()) {
                    throw labels.file()
                            .refused(
                                    "label of sample %d must be from 0 to %d, was %d"
                                            .formatted(i, classNames.size() - 1, label));
                }
                out.setAtIndex(JAVA_INT, i, label);
                max = Math.max(max, label);
            }
            return max;
        }
    }

    private static List<String> numbersTo(int max) {
        return IntStream.rangeClosed(0, max).mapToObj(Integer::toString).toList();
    }
}
