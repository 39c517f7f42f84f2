package dev.tutti.common.average;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.FiniteCheck;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Where the sums of chunks go. */
public interface ChunkSums {
    /**
     * Takes the sum of a chunk; the memory of its terms is lent for this call. Several threads may
     * take different chunks at the same time.
     *
     * @param terms one vector that is the sum, or two to add up, the left one first
     * @return whether the sum is finite; if not, nothing counts as taken
     */
    boolean take(int chunk, List<Elements> terms);

    /** Is told of each chunk whose sum is taken, by the owner of the sum alone. */
    default void taken(int chunk) {}

    /** Returns the stretches of one vector that holds all sums. */
    static ChunkSums of(Chunks chunks, MemorySegment vector) {
        return (chunk, terms) ->
                sum(terms, Floats.slice(vector, chunks.offset(chunk), chunks.size(chunk)));
    }

    /** Writes the sum of one or two vectors, and tells whether it is finite. */
    static boolean sum(List<Elements> terms, MemorySegment out) {
        var finite = new FiniteCheck();
        var left = terms.getFirst();
        if (terms.size() == 1) {
            Blocks.map(left, out, finite::note);
        } else {
            Blocks.map(
                    terms.getLast(),
                    left,
                    out,
                    (count, right, sum) -> {
                        Floats.add(count, right, sum);
                        finite.note(count, sum);
                    });
        }
        return finite.allFinite();
    }
}
