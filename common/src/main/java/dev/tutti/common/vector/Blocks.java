package dev.tutti.common.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Runs loops over arrays on vectors outside the heap, a block at a time.
 *
 * <p>Java 25 compiles a loop over {@code float[]} to vector instructions, but none over a {@link
 * MemorySegment} of floats: there each float is read as an int and converted. Such a loop was also
 * compiled twenty times in a run, each time undone by a trap (profile_predicate). Copying blocks in
 * and out costs about 0.1 ns a float where the vectors are in a cache.
 *
 * <p>A loop should be a small static method that gets its constants as arguments. Elements must not
 * mix, since a block ends anywhere. Vectors of one call have the same length; they are the same or
 * do not overlap.
 */
public final class Blocks {
    /** Floats of a block at most: several blocks fit into a first-level cache. */
    public static final int FLOATS_MAX = 1024;

    /** Floats of vectors that, several of them, come from memory and not from a cache. */
    private static final long STREAMED_FLOATS_MIN = 1 << 20;

    /**
     * Bytes that a block then takes of each vector: an eighth of a page. With whole pages each
     * vector would be left for the next one just when the processor has begun to fetch ahead of the
     * loop, and a step of SGD takes half as long again. What is read in 16 bits decides, if
     * anything is.
     */
    private static final int STREAMED_BYTES = 512;

    private Blocks() {}

    /** A loop over one array. */
    @FunctionalInterface
    public interface Loop {
        /** Changes the first {@code count} floats of {@code out}. */
        void run(int count, float[] out);
    }

    /** A loop over two arrays. */
    @FunctionalInterface
    public interface PairLoop {
        /** Changes the first {@code count} floats of {@code out}. */
        void run(int count, float[] in, float[] out);
    }

    /** A loop over any number of arrays. */
    @FunctionalInterface
    public interface ManyLoop {
        /** Changes the first {@code count} floats of each array of {@code out}. */
        void run(int count, float[][] in, float[][] out);
    }

    /**
     * Writes what {@code loop} makes of {@code in}.
     *
     * @param loop gets a block of {@code in}, and leaves the result in its place
     * @param out may be {@code in}
     */
    public static void map(MemorySegment in, MemorySegment out, Loop loop) {
        map(Elements.of(in), out, loop);
    }

    /** The same of a vector of either precision. */
    public static void map(Elements in, MemorySegment out, Loop loop) {
        var count = Floats.count(out);
        var block = block(count);
        for (long at = 0; at < count; at += FLOATS_MAX) {
            var part = (int) Math.min(FLOATS_MAX, count - at);
            load(in, at, part, block);
            loop.run(part, block);
            store(block, at, part, out);
        }
    }

    /**
     * Writes what {@code loop} makes of two vectors.
     *
     * @param loop gets a block of {@code left} and one of {@code right}, and leaves the result in
     *     the place of the latter
     * @param out may be {@code left} or {@code right}
     */
    public static void map(
            MemorySegment left, MemorySegment right, MemorySegment out, PairLoop loop) {
        map(Elements.of(left), Elements.of(right), out, loop);
    }

    /** The same of vectors of either precision. */
    public static void map(Elements left, Elements right, MemorySegment out, PairLoop loop) {
        var count = Floats.count(out);
        var leftBlock = block(count);
        var rightBlock = block(count);
        for (long at = 0; at < count; at += FLOATS_MAX) {
            var part = (int) Math.min(FLOATS_MAX, count - at);
            load(left, at, part, leftBlock);
            load(right, at, part, rightBlock);
            loop.run(part, leftBlock, rightBlock);
            store(rightBlock, at, part, out);
        }
    }

    /** A loop that only reads. */
    @FunctionalInterface
    public interface ReadLoop {
        /** Reads the first {@code count} floats of each array, and may use them as scratch. */
        void run(int count, float[][] in);
    }

    /** Reads vectors, from their first elements to their last. */
    public static void read(List<Elements> in, ReadLoop loop) {
        var count = in.getFirst().count();
        var blocks = blocks(in.size(), count);
        for (long at = 0; at < count; at += FLOATS_MAX) {
            var part = (int) Math.min(FLOATS_MAX, count - at);
            loadAll(in, at, part, blocks);
            loop.run(part, blocks);
        }
    }

    /** Changes the vectors {@code out} in place, by reading them and the vectors {@code in}. */
    public static void update(List<MemorySegment> in, List<MemorySegment> out, ManyLoop loop) {
        var whole = Floats.count(out.getFirst());
        update(whole, in.stream().map(Elements::of).toList(), out, out, Elements.NONE, loop);
    }

    /**
     * Writes what {@code loop} makes of the vectors {@code from} and {@code in}.
     *
     * @param whole numbers of the vectors that these are ranges of
     * @param loop gets blocks of {@code in} and of {@code from}, and leaves the results in the
     *     place of the latter
     * @param out as many as {@code from}; may be the same
     * @param copy gets the first result too, rounded if it has 16 bits; or no numbers
     */
    public static void update(
            long whole,
            List<Elements> in,
            List<MemorySegment> from,
            List<MemorySegment> out,
            Elements copy,
            ManyLoop loop) {
        var count = Floats.count(out.getFirst());
        var length = (int) Math.min(length(whole, in), count);
        var inBlocks = blocks(in.size(), length);
        var outBlocks = blocks(out.size(), length);
        for (long at = 0; at < count; at += length) {
            var part = (int) Math.min(length, count - at);
            loadAll(in, at, part, inBlocks);
            for (var i = 0; i < outBlocks.length; i++) {
                load(from.get(i), at, part, outBlocks[i]);
            }
            loop.run(part, inBlocks, outBlocks);
            for (var i = 0; i < outBlocks.length; i++) {
                store(outBlocks[i], at, part, out.get(i));
            }
            if (copy.count() > 0) {
                store(outBlocks[0], at, part, copy);
            }
        }
    }

    private static int length(long whole, List<Elements> in) {
        if (whole < STREAMED_FLOATS_MIN) {
            return FLOATS_MAX;
        }
        var bytes = Floats.BYTES;
        for (var vector : in) {
            bytes = Math.min(bytes, vector.precision().bytes());
        }
        return STREAMED_BYTES / bytes;
    }

    /** Copies {@code count} floats from index {@code at} on to the start of {@code out}. */
    public static void load(MemorySegment vector, long at, int count, float[] out) {
        MemorySegment.copy(vector, JAVA_FLOAT, at * Floats.BYTES, out, 0, count);
    }

    /** Copies the first {@code count} floats of {@code block} to index {@code at} on. */
    public static void store(float[] block, long at, int count, MemorySegment out) {
        MemorySegment.copy(block, 0, out, JAVA_FLOAT, at * Floats.BYTES, count);
    }

    private static void load(Elements vector, long at, int count, float[] out) {
        if (vector.precision() == Precision.FP32) {
            load(vector.memory(), at, count, out);
        } else {
            Bf16.load(vector.memory(), at, count, out);
        }
    }

    private static void loadAll(List<Elements> vectors, long at, int count, float[][] out) {
        for (var i = 0; i < out.length; i++) {
            load(vectors.get(i), at, count, out[i]);
        }
    }

    private static void store(float[] block, long at, int count, Elements out) {
        if (out.precision() == Precision.FP32) {
            store(block, at, count, out.memory());
        } else {
            Bf16.store(block, at, count, out.memory());
        }
    }

    private static float[] block(long count) {
        return new float[(int) Math.min(FLOATS_MAX, count)];
    }

    private static float[][] blocks(int vectors, long count) {
        var out = new float[vectors][];
        for (var i = 0; i < vectors; i++) {
            out[i] = block(count);
        }
        return out;
    }
}
