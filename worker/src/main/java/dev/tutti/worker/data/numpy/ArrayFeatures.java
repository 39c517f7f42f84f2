package dev.tutti.worker.data.numpy;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Features;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * The inputs of some arrays, one array behind the other.
 *
 * @param sample shape of one
 * @param count samples
 * @param decided what was decided of their form, in words
 */
public record ArrayFeatures(Shape sample, int count, Features features, Optional<String> decided) {
    /** A smaller array is copied, so that its file may change while a run goes on. */
    static final long MAPPED_MIN_BYTES = 1 << 26;

    /**
     * Reads all samples; a large array that is stored as the features are is mapped.
     *
     * @throws DataException if arrays differ in form, or an element is no finite float
     */
    public static ArrayFeatures read(List<NpyArray> arrays, Arena arena) throws IOException {
        var first = arrays.getFirst();
        var layout = SampleLayout.of(first);
        var count = 0;
        for (var array : arrays) {
            layout.requireSame(first, array);
            count = Math.addExact(count, array.rows());
        }
        var mapped =
                arrays.size() == 1 ? mapped(first, layout, arena) : Optional.<MemorySegment>empty();
        if (mapped.isPresent()) {
            return new ArrayFeatures(
                    layout.sample(),
                    count,
                    layout.bytes()
                            ? new Features.Bytes(mapped.get())
                            : new Features.Reals(mapped.get()),
                    layout.decided());
        }
        var elements = (long) count * layout.sample().size();
        var bytes = layout.bytes() ? elements : elements * Floats.BYTES;
        var out = arena.allocate(bytes, Floats.ALIGNMENT_BYTES);
        var at = 0L;
        for (var array : arrays) {
            var part = out.asSlice(at, bytes / count * array.rows());
            read(array, layout, part);
            at += part.byteSize();
        }
        return new ArrayFeatures(
                layout.sample(),
                count,
                layout.bytes() ? new Features.Bytes(out) : new Features.Reals(out),
                layout.decided());
    }

    /** Maps a large array whose bytes are the features as they are. */
    private static Optional<MemorySegment> mapped(NpyArray array, SampleLayout layout, Arena arena)
            throws IOException {
        var asIs = layout.bytes() || array.header().type().isNativeFloat();
        if (!asIs || layout.channelsLast() || array.header().dataBytes() < MAPPED_MIN_BYTES) {
            return Optional.empty();
        }
        var mapped = array.mapped(arena);
        if (!layout.bytes()) {
            mapped.filter(bytes -> !Floats.allFinite(bytes))
                    .ifPresent(bytes -> {
                        var at = Floats.firstNotFinite(bytes);
                        finite(array.name(), layout.sample().size(), at, Floats.get(bytes, at));
                    });
        }
        return mapped;
    }

    private static void read(NpyArray array, SampleLayout layout, MemorySegment out)
            throws IOException {
        var width = layout.sample().size();
        array.read((index, value) -> {
            var place = index;
            if (layout.channelsLast()) {
                var row = index / width;
                place = row * width + layout.place((int) (index - row * width));
            }
            if (layout.bytes()) {
                out.set(JAVA_BYTE, place, (byte) value);
            } else {
                Floats.set(out, place, finite(array.name(), width, index, value));
            }
        });
    }

    /**
     * Rounds an element.
     *
     * @param width elements of a sample
     * @throws DataException if it is no finite float
     */
    public static float finite(String name, int width, long index, double value) {
        var rounded = (float) value;
        if (!Float.isFinite(rounded)) {
            throw new DataException(
                    ("array %s: element %d of sample %d is %s, expected a number that a 32-bit"
                                    + " float can hold: replace it, such as with"
                                    + " numpy.nan_to_num")
                            .formatted(name, index % width, index / width, value));
        }
        return rounded;
    }
}
