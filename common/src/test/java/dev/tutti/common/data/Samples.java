package dev.tutti.common.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Small datasets for tests. */
final class Samples {
    private Samples() {}

    /** Four samples of two floats, classes a, b, c; the last sample is the own test set. */
    static Dataset labelled(Arena arena) {
        return new Dataset(
                "points",
                Shape.of(2),
                4,
                1,
                List.of("x", "höhe"),
                new Features.Reals(Floats.of(arena, 1, 2, 3, 4, 5, 6, 7, 8)),
                new Targets.Labels(List.of("a", "b", "c"), ints(arena, 2, 0, 1, 2)));
    }

    /** Three samples of two floats with two real values each. */
    static Dataset valued(Arena arena) {
        return new Dataset(
                "curve",
                Shape.of(2),
                3,
                0,
                List.of(),
                new Features.Reals(Floats.of(arena, 1, 2, 3, 4, 5, 6)),
                new Targets.Values(List.of("y0", "y1"), Floats.of(arena, 10, 11, 20, 21, 30, 31)));
    }

    /** Two images of 1×2×3 bytes, classes zero and one. */
    static Dataset images(Arena arena) {
        return new Dataset(
                "images",
                Shape.of(1, 2, 3),
                2,
                0,
                List.of(),
                new Features.Bytes(bytes(arena, 0, 1, 127, 128, 254, 255, 9, 8, 7, 6, 5, 4)),
                new Targets.Labels(List.of("zero", "one"), ints(arena, 1, 0)));
    }

    static MemorySegment ints(Arena arena, int... values) {
        return arena.allocateFrom(JAVA_INT, values);
    }

    static MemorySegment bytes(Arena arena, int... values) {
        var bytes = arena.allocate(values.length);
        for (var i = 0; i < values.length; i++) {
            bytes.set(JAVA_BYTE, i, (byte) values[i]);
        }
        return bytes;
    }
}
