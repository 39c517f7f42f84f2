package dev.tutti.common.kernel;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory of one thread that is kept from call to call and grows on demand. Its content is what the
 * call before left there.
 */
public final class GrowingBuffer {
    private MemorySegment memory = MemorySegment.NULL;

    /** Returns so many bytes, the same ones as in the call before if they are enough. */
    public MemorySegment bytes(long count) {
        if (memory.byteSize() < count) {
            memory = Arena.ofAuto().allocate(count, Floats.ALIGNMENT_BYTES);
        }
        return memory.asSlice(0, count);
    }

    /** Returns memory for so many floats. */
    public MemorySegment floats(long count) {
        return bytes(count * Floats.BYTES);
    }
}
