package dev.tutti.worker.data.table;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An arena that allows so many bytes and no more. */
public final class CountedArena implements Arena {
    private final Arena arena = Arena.ofConfined();
    private final long bytesMax;
    private long bytes;

    public CountedArena(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
        bytes += byteSize;
        if (bytes > bytesMax) {
            throw new AssertionError("%d bytes, at most %d".formatted(bytes, bytesMax));
        }
        return arena.allocate(byteSize, byteAlignment);
    }

    @Override
    public MemorySegment.Scope scope() {
        return arena.scope();
    }

    @Override
    public void close() {
        arena.close();
    }
}
