package dev.tutti.common.step.compute;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.nn.Model;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/**
 * Where a run's rounding meets its chunks: a shard's gradient is rounded chunk by chunk.
 * Statistics, which stand behind the trained floats of a vector, are not.
 *
 * @param trained floats of a vector that are rounded, from its first on
 */
public record ChunkRounding(Rounding rounding, Chunks chunks, long trained) {
    /** Returns what is rounded in a run of a model. */
    public static ChunkRounding of(RunSpec spec, Model model) {
        return new ChunkRounding(
                spec.wire(),
                new Chunks(model.vectorLength(), spec.chunkFloats()),
                model.parameterCount());
    }

    /**
     * Returns what the numbers of a chunk are rounded to, all of them: a chunk of one shard's
     * gradient is rounded, a sum over several shards is not.
     */
    public Rounding of(ShardRange shards, int chunk) {
        var isTrained = chunks.offset(chunk) + chunks.size(chunk) <= trained;
        return shards.size() == 1 && isTrained ? rounding : Roundings.NONE;
    }

    /** Returns the memory that {@link #round} needs. */
    int scratchBytes() {
        return rounding.stored().isPresent()
                ? 0
                : rounding.bytesMax((int) Math.min(chunks.chunkFloats(), trained));
    }

    /**
     * Rounds the chunks of a shard's gradient that are final and not rounded yet.
     *
     * @param gradient that is final from {@code from} on
     * @param roundedFrom from where on it has been rounded before
     * @param scratch of {@link #scratchBytes}
     * @return from where on it is rounded now; the chunk before that is not final
     */
    long round(MemorySegment gradient, long from, long roundedFrom, MemorySegment scratch) {
        if (rounding.stored().isPresent()) {
            return from;
        }
        var rounded = roundedFrom;
        while (rounded > 0) {
            var begin = chunks.offset(chunks.at(rounded - 1));
            if (begin < from) {
                break;
            }
            var floats = Floats.slice(gradient, begin, rounded - begin);
            rounding.decode(scratch.asSlice(0, rounding.encode(floats, scratch)), floats);
            rounded = begin;
        }
        return rounded;
    }
}
