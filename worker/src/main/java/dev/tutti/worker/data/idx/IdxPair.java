package dev.tutti.worker.data.idx;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.source.SourceFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** An IDX file of images and the one of their labels, both with their header read. */
record IdxPair(Idx images, Idx labels) {
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
        return new IdxPair(IdxPictures.header(images), Idx.of(labels, LABELS_RANK));
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
        var pairs = Stream.concat(Stream.of(train), test.stream()).toList();
        var pictures =
                IdxPictures.read(pairs.stream().map(IdxPair::images).toList(), transposed, arena);
        var count = pictures.count();
        var labels = arena.allocate((long) count * Integer.BYTES, Floats.ALIGNMENT_BYTES);
        var named = readLabels(pairs, classes, labels);
        return new Dataset(
                name,
                pictures.sample(),
                count,
                count - train.count(),
                List.of(),
                pictures.features(),
                new Targets.Labels(named.names(), labels));
    }

    private int count() {
        return images.count();
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
