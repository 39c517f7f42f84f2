package dev.tutti.common.average;

import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.rounding.Roundings;

/**
 * One payload cut along the chunks; the whole goes back when the last slice does. Owned by one
 * thread.
 */
public final class SharedPayload {
    private final Payload whole;
    private final Chunks chunks;
    private int onLoan;

    /** Takes over a payload that holds all chunks. */
    public SharedPayload(Payload whole, Chunks chunks) {
        this.whole = whole;
        this.chunks = chunks;
        this.onLoan = chunks.count();
    }

    /** Returns the slice of a chunk; to be asked for once. */
    public Payload slice(int chunk) {
        return slice(chunk, Roundings.NONE);
    }

    /**
     * Returns the slice of a chunk; to be asked for once.
     *
     * @param rounding what all its numbers are rounded to
     */
    public Payload slice(int chunk, Rounding rounding) {
        return Payload.of(
                whole.elements().slice(chunks.offset(chunk), chunks.size(chunk)),
                rounding,
                this::giveBackSlice);
    }

    private void giveBackSlice() {
        if (--onLoan == 0) {
            whole.release();
        }
    }
}
