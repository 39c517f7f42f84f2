package dev.tutti.worker.data;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Numbers outside the heap whose count is known at the end only, as floats or as doubles. Their
 * memory is given back from the front, so that a copy never doubles it.
 */
final class CellStore implements AutoCloseable {
    private static final int CHUNK = 1 << 16;

    /** Numbers of a chunk, and the memory that ends with it. */
    private record Chunk(Arena arena, MemorySegment numbers) {}

    private final boolean doubles;
    private final List<Chunk> chunks = new ArrayList<>();
    private int released;
    private long count;

    /** Makes an empty store of doubles, or else of floats. */
    CellStore(boolean doubles) {
        this.doubles = doubles;
    }

    void add(double number) {
        if (count % CHUNK == 0) {
            var arena = Arena.ofConfined();
            var bytes = (long) CHUNK * (doubles ? Double.BYTES : Float.BYTES);
            chunks.add(new Chunk(arena, arena.allocate(bytes, Double.BYTES)));
        }
        set(count, number);
        count++;
    }

    void set(long index, double number) {
        var numbers = chunks.get((int) (index / CHUNK)).numbers();
        if (doubles) {
            numbers.setAtIndex(JAVA_DOUBLE, index % CHUNK, number);
        } else {
            numbers.setAtIndex(JAVA_FLOAT, index % CHUNK, (float) number);
        }
    }

    double get(long index) {
        var numbers = chunks.get((int) (index / CHUNK)).numbers();
        return doubles
                ? numbers.getAtIndex(JAVA_DOUBLE, index % CHUNK)
                : numbers.getAtIndex(JAVA_FLOAT, index % CHUNK);
    }

    /** Reads as many numbers as {@code out} has, from {@code index} on. */
    void get(long index, double[] out) {
        for (var i = 0; i < out.length; i++) {
            out[i] = get(index + i);
        }
    }

    /** Gives back the memory of whole chunks before {@code index}; they must not be read again. */
    void release(long index) {
        while (released < index / CHUNK) {
            chunks.get(released).arena().close();
            released++;
        }
    }

    @Override
    public void close() {
        release((long) chunks.size() * CHUNK);
    }
}
