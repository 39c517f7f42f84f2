package dev.tutti.common.average;

import dev.tutti.common.kernel.Floats;
import java.lang.foreign.MemorySegment;

/** Where the sums of chunks go. */
public interface ChunkSums {
    /** Returns the memory for the sum of a chunk, the same until that sum has been used. */
    MemorySegment at(int chunk);

    /** Is told that the sum of a chunk is there and is finite. */
    default void reduced(int chunk) {}

    /** Returns the stretches of one vector that holds all sums. */
    static ChunkSums of(Chunks chunks, MemorySegment vector) {
        return chunk -> Floats.slice(vector, chunks.offset(chunk), chunks.size(chunk));
    }
}
