package dev.tutti.common.average;

/**
 * The cut of the flat vector into chunks, the unit of sending and of reducing.
 *
 * @param length floats of the vector
 * @param chunkFloats floats of every chunk but the last
 */
public record Chunks(long length, int chunkFloats) {
    /** Floats of a chunk unless set otherwise: half a mebibyte, which stays in a core's cache. */
    public static final int DEFAULT_FLOATS = 1 << 17;

    /** Refuses chunks of no floats. */
    public Chunks {
        if (length < 0 || chunkFloats < 1) {
            throw new IllegalArgumentException("no chunks of " + chunkFloats + " in " + length);
        }
    }

    /** Returns the number of chunks. */
    public int count() {
        return Math.toIntExact((length + chunkFloats - 1) / chunkFloats);
    }

    /** Returns the first float of a chunk. */
    public long offset(int chunk) {
        return (long) chunk * chunkFloats;
    }

    /**
     * Returns the chunk that travels at a place in the order, counted from 0: the last one first,
     * as backpropagation ends with the first layer.
     */
    public int inSendOrder(int place) {
        return count() - 1 - place;
    }

    /** Returns the chunk that begins at a float. */
    public int at(long offset) {
        return (int) (offset / chunkFloats);
    }

    /** Tells whether {@code count} floats from {@code offset} on are the whole vector. */
    public boolean isWhole(long offset, long count) {
        return offset == 0 && count == length;
    }

    /** Tells whether {@code count} floats from {@code offset} on are exactly one chunk. */
    public boolean isChunk(long offset, long count) {
        return offset >= 0
                && offset < length
                && offset % chunkFloats == 0
                && count == size(at(offset));
    }

    /** Returns the floats of a chunk. */
    public int size(int chunk) {
        return (int) Math.min(chunkFloats, length - offset(chunk));
    }
}
