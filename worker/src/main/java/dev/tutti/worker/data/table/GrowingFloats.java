package dev.tutti.worker.data.table;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Floats whose number is known at the end only; none is moved before that. */
public final class GrowingFloats {
    private static final int CHUNK = 1 << 16;

    private final List<float[]> chunks = new ArrayList<>();
    private long count;

    public void add(float value) {
        var at = (int) (count % CHUNK);
        if (at == 0) {
            chunks.add(new float[CHUNK]);
        }
        chunks.getLast()[at] = value;
        count++;
    }

    public void addAll(MemorySegment values) {
        for (long i = 0; i < Floats.count(values); i++) {
            add(Floats.get(values, i));
        }
    }

    public float get(long index) {
        return chunks.get((int) (index / CHUNK))[(int) (index % CHUNK)];
    }

    /** Returns a copy of them all outside the heap. */
    public MemorySegment toVector(Arena arena) {
        var vector = Floats.allocate(arena, count);
        long at = 0;
        for (var chunk : chunks) {
            var length = (int) Math.min(CHUNK, count - at);
            MemorySegment.copy(chunk, 0, vector, ValueLayout.JAVA_FLOAT, at * Floats.BYTES, length);
            at += length;
        }
        return vector;
    }
}
