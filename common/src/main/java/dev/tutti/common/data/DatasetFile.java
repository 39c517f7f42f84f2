package dev.tutti.common.data;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The Tutti dataset file: the one byte form of a dataset, so that its SHA-256 names its content. A
 * worker maps the file and uses the bytes in place.
 *
 * <pre>
 * 8 bytes   "TUTTIDAT"
 * int32     version, 1
 * int32     header bytes, names included, padding not
 * int64     file bytes
 * int32     samples
 * int32     samples of the own test set, the last ones
 * int32     features: 0 float32, 1 bytes that stand for value / 255
 * int32     targets: 0 int32 class labels, 1 float32 values
 * int32     rank of a sample, then as many int32 extents
 * text      name
 * texts     names of the targets: classes, or columns
 * texts     names of the features, or none
 * …         features, then targets, each from the next multiple of 64 on
 * </pre>
 *
 * <p>Numbers are little-endian. A text is an int32 byte count and as many bytes of UTF-8; texts are
 * an int32 count and as many texts. Padding is zero.
 */
public final class DatasetFile {
    /** The name's ending that such files have. */
    public static final String ENDING = ".tutti-data";

    static final long MAGIC = 0x5441_4449_5454_5554L; // "TUTTIDAT", read little-endian
    static final int VERSION = 1;

    private static final int REALS = 0;
    private static final int BYTES = 1;
    private static final int LABELS = 0;
    private static final int VALUES = 1;

    private DatasetFile() {}

    /** Returns the size of the dataset's file. */
    public static long byteSize(Dataset dataset) {
        var features = aligned(headerBytes(dataset));
        var targets = aligned(features + dataset.features().bytes().byteSize());
        return targets + dataset.targets().bytes().byteSize();
    }

    /**
     * Returns the dataset's file as segments, one behind the other: features and targets are views
     * of the dataset's own memory.
     */
    public static List<MemorySegment> segments(Dataset dataset) {
        requireLittleEndian();
        var features = dataset.features().bytes();
        var header = Arena.ofAuto().allocate(aligned(headerBytes(dataset)));
        writeHeader(dataset, new DatasetBytes(header));
        var padding = aligned(features.byteSize()) - features.byteSize();
        return List.of(
                header, features, Arena.ofAuto().allocate(padding), dataset.targets().bytes());
    }

    /**
     * Writes the dataset's file.
     *
     * @param out exactly {@link #byteSize} bytes
     */
    public static void write(Dataset dataset, MemorySegment out) {
        if (out.byteSize() != byteSize(dataset)) {
            throw new IllegalArgumentException(
                    "the file takes %d bytes, there is room for %d"
                            .formatted(byteSize(dataset), out.byteSize()));
        }
        long at = 0;
        for (var segment : segments(dataset)) {
            MemorySegment.copy(segment, 0, out, at, segment.byteSize());
            at += segment.byteSize();
        }
    }

    /**
     * Returns the dataset in these bytes, as views of them.
     *
     * @param bytes a whole file; its start must be aligned to 64 bytes, as a mapped file's is
     * @throws DataException if it is not a whole and valid dataset file
     */
    public static Dataset read(MemorySegment bytes) {
        requireLittleEndian();
        if (!bytes.isNative() || bytes.address() % Floats.ALIGNMENT_BYTES != 0) {
            throw new IllegalArgumentException(
                    "a dataset's bytes must lie outside the heap, aligned to %d bytes"
                            .formatted(Floats.ALIGNMENT_BYTES));
        }
        var in = new DatasetBytes(bytes);
        var headerBytes = readFrame(in);
        var count = in.int32("number of samples", 1, Integer.MAX_VALUE);
        var testCount = in.int32("size of the own test set", 0, count - 1);
        var featureKind = in.int32("kind of features", REALS, BYTES);
        var targetKind = in.int32("kind of targets", LABELS, VALUES);
        var sample = readShape(in);
        var name = in.text("name");
        var targetNames = readTexts("name of a target", 1, Integer.MAX_VALUE, in);
        var featureNames = readTexts("name of a feature", 0, sample.size(), in);
        requireBytes("its header", headerBytes, in.position());

        in.padding(Floats.ALIGNMENT_BYTES);
        var elements = (long) count * sample.size();
        var features =
                featureKind == REALS
                        ? new Features.Reals(in.section("features", elements, Floats.BYTES))
                        : new Features.Bytes(in.section("features", elements, 1));
        in.padding(Floats.ALIGNMENT_BYTES);
        var targets =
                targetKind == LABELS
                        ? new Targets.Labels(
                                targetNames, in.section("labels", count, Integer.BYTES))
                        : new Targets.Values(
                                targetNames,
                                in.section(
                                        "targets",
                                        (long) count * targetNames.size(),
                                        Floats.BYTES));
        requireBytes("its content", bytes.byteSize(), in.position());
        return new Dataset(name, sample, count, testCount, featureNames, features, targets);
    }

    private static void writeHeader(Dataset dataset, DatasetBytes out) {
        out.putInt64(MAGIC);
        out.putInt32(VERSION);
        out.putInt32(Math.toIntExact(headerBytes(dataset)));
        out.putInt64(byteSize(dataset));
        out.putInt32(dataset.count());
        out.putInt32(dataset.testCount());
        out.putInt32(
                switch (dataset.features()) {
                    case Features.Reals _ -> REALS;
                    case Features.Bytes _ -> BYTES;
                });
        out.putInt32(
                switch (dataset.targets()) {
                    case Targets.Labels _ -> LABELS;
                    case Targets.Values _ -> VALUES;
                });
        out.putInt32(dataset.sample().rank());
        dataset.sample().dimensions().forEach(out::putInt32);
        out.putText(dataset.name());
        putTexts(dataset.targets().names(), out);
        putTexts(dataset.featureNames(), out);
    }

    private static long headerBytes(Dataset dataset) {
        var numbers = 2 * Long.BYTES + (9 + dataset.sample().rank()) * Integer.BYTES;
        return numbers
                + DatasetBytes.textBytes(dataset.name())
                + textsBytes(dataset.targets().names())
                + textsBytes(dataset.featureNames());
    }

    /** Reads what says that this is a file of ours, and whole; returns the header's bytes. */
    private static int readFrame(DatasetBytes in) {
        if (in.remaining() < Long.BYTES || in.int64("magic") != MAGIC) {
            throw new DataException("not a Tutti dataset file: it must start with \"TUTTIDAT\"");
        }
        var version = in.int32("version", Integer.MIN_VALUE, Integer.MAX_VALUE);
        if (version != VERSION) {
            throw new DataException(
                    "dataset file: version %d was found, this program reads version %d"
                            .formatted(version, VERSION));
        }
        var headerBytes = in.int32("size of the header", 1, Integer.MAX_VALUE);
        requireBytes("the file", in.int64("size of the file"), in.byteSize());
        return headerBytes;
    }

    private static Shape readShape(DatasetBytes in) {
        var rank = in.int32("rank of a sample", 1, Dataset.RANK_MAX);
        var extents = new ArrayList<Integer>();
        var room = Integer.MAX_VALUE;
        for (var i = 0; i < rank; i++) {
            var extent = in.int32("extent of a sample", 1, room);
            extents.add(extent);
            room /= extent;
        }
        return new Shape(extents);
    }

    private static List<String> readTexts(String what, int min, int max, DatasetBytes in) {
        var count = in.int32("number of texts, each a " + what, min, max);
        var texts = new ArrayList<String>();
        for (var i = 0; i < count; i++) {
            texts.add(in.text(what));
        }
        return texts;
    }

    private static void putTexts(List<String> texts, DatasetBytes out) {
        out.putInt32(texts.size());
        texts.forEach(out::putText);
    }

    private static long textsBytes(List<String> texts) {
        return texts.stream().mapToLong(DatasetBytes::textBytes).sum();
    }

    private static long aligned(long position) {
        return (position + Floats.ALIGNMENT_BYTES - 1)
                / Floats.ALIGNMENT_BYTES
                * Floats.ALIGNMENT_BYTES;
    }

    private static void requireBytes(String what, long said, long found) {
        if (found != said) {
            throw new DataException(
                    ("dataset file: %s should take %d bytes, but takes %d: it is truncated or"
                                    + " damaged")
                            .formatted(what, said, found));
        }
    }

    private static void requireLittleEndian() {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new DataException(
                    "a dataset file is used in place, which needs a little-endian processor");
        }
    }
}
