package dev.tutti.worker.data.table;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.tutti.common.vector.Floats;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Numbers whose count is known at the end only, as floats or as doubles. The block that is worked
 * on is in memory, all others are in a temporary file: what is made of the numbers later has the
 * memory for itself. Blocks that the file has no room for stay in memory.
 *
 * <p>It is fast in the order of the numbers. One thread may use it.
 */
public final class CellStore implements AutoCloseable {
    /** Numbers of a block: a small table needs no file. */
    public static final int BLOCK = 1 << 16;

    private final Arena memory = Arena.ofConfined();
    private final boolean doubles;
    private final Files files;
    private Optional<SpillFile> file = Optional.empty();
    private int inFile; // blocks
    private final List<MemorySegment> kept = new ArrayList<>(); // blocks behind those in the file
    private MemorySegment buffer; // a block that is in the file, or the newest
    private MemorySegment block; // the buffer, or one that is kept
    private boolean changed; // since the block was read from the file
    private float[] floats = new float[0]; // of a row
    private long first; // index of the block's first number
    private long count;

    /** Makes the file. */
    @FunctionalInterface
    interface Files {
        /**
         * Returns an empty file.
         *
         * @throws IOException if there can be none
         */
        SpillFile open() throws IOException;
    }

    /** Makes an empty store of doubles, or else of floats. */
    public CellStore(boolean doubles) {
        this(doubles, SpillFile::open);
    }

    /** Makes an empty store whose file is to be made in another way. */
    CellStore(boolean doubles, Files files) {
        this.doubles = doubles;
        this.files = files;
        this.buffer = allocate();
        this.block = buffer;
    }

    public void add(double number) {
        count++;
        set(count - 1, number);
    }

    public void set(long index, double number) {
        var at = place(index);
        changed = true;
        if (doubles) {
            block.setAtIndex(JAVA_DOUBLE, at, number);
        } else {
            block.setAtIndex(JAVA_FLOAT, at, (float) number);
        }
    }

    public double get(long index) {
        var at = place(index);
        return doubles ? block.getAtIndex(JAVA_DOUBLE, at) : block.getAtIndex(JAVA_FLOAT, at);
    }

    /** Adds all numbers of a row. */
    public void add(double[] row) {
        for (var from = 0; from < row.length; ) {
            var at = place(count);
            var part = (int) Math.min(BLOCK - at, row.length - from);
            if (doubles) {
                MemorySegment.copy(row, from, block, JAVA_DOUBLE, at * Double.BYTES, part);
            } else {
                round(row, from, part);
                MemorySegment.copy(floats, 0, block, JAVA_FLOAT, at * Float.BYTES, part);
            }
            changed = true;
            count += part;
            from += part;
        }
    }

    /** Reads as many numbers as {@code out} has, from {@code index} on. */
    public void get(long index, double[] out) {
        for (var from = 0; from < out.length; ) {
            var at = place(index + from);
            var part = (int) Math.min(BLOCK - at, out.length - from);
            if (doubles) {
                MemorySegment.copy(block, JAVA_DOUBLE, at * Double.BYTES, out, from, part);
            } else {
                widen(at, part, from, out);
            }
            from += part;
        }
    }

    /** Returns a copy of all numbers as floats. */
    public MemorySegment toFloats(Arena arena) {
        var all = Floats.allocate(arena, count);
        for (long i = 0; i < count; i++) {
            Floats.set(all, i, (float) get(i));
        }
        return all;
    }

    private void round(double[] row, int from, int count) {
        if (floats.length < count) {
            floats = new float[count];
        }
        for (var i = 0; i < count; i++) {
            floats[i] = (float) row[from + i];
        }
    }

    private void widen(long at, int count, int to, double[] out) {
        if (floats.length < count) {
            floats = new float[count];
        }
        MemorySegment.copy(block, JAVA_FLOAT, at * Float.BYTES, floats, 0, count);
        for (var i = 0; i < count; i++) {
            out[to + i] = floats[i];
        }
    }

    /** Returns the place of a number in its block, which becomes the one that is worked on. */
    private long place(long index) {
        if (index < first || index >= first + BLOCK) {
            leave((int) (first / BLOCK));
            enter((int) (index / BLOCK));
            first = index / BLOCK * BLOCK;
        }
        return index - first;
    }

    private void leave(int number) {
        if (number < inFile) {
            if (changed) {
                rewrite(number);
            }
        } else if (number == inFile + kept.size()) {
            if (kept.isEmpty() && isWritten(number)) {
                inFile++;
            } else {
                kept.add(buffer);
                buffer = allocate();
            }
        }
    }

    private void enter(int number) {
        changed = false;
        if (number < inFile) {
            file.orElseThrow().read(number, buffer);
        }
        var isKept = number >= inFile && number < inFile + kept.size();
        block = isKept ? kept.get(number - inFile) : buffer;
    }

    private boolean isWritten(int number) {
        try {
            if (file.isEmpty()) {
                file = Optional.of(files.open());
            }
            file.get().write(number, buffer);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private void rewrite(int number) {
        try {
            file.orElseThrow().write(number, buffer);
        } catch (IOException e) {
            throw SpillFile.failed(e);
        }
    }

    private MemorySegment allocate() {
        return memory.allocate((long) BLOCK * (doubles ? Double.BYTES : Float.BYTES), Double.BYTES);
    }

    @Override
    public void close() {
        memory.close();
        file.ifPresent(SpillFile::close);
    }
}
