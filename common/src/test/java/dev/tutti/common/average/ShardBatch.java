package dev.tutti.common.average;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;

/**
 * What the shards of one step bring, all with samples, and the average that a run makes of it.
 *
 * @param vectors the mean gradient of each shard
 * @param samples of each, powers of two, so that sums over samples are exact
 */
@SuppressWarnings("ArrayRecordComponent") // Handed to a rule as they are, never compared.
record ShardBatch(float[][] vectors, int[] samples) {
    /** Returns normal deviates. */
    static ShardBatch drawn(Seeds random, int shards, int length) {
        return of(shards, length, (_, _) -> random.nextGaussian(), random);
    }

    static ShardBatch of(
            int shards, int length, ToDoubleBiFunction<Integer, Integer> value, Seeds random) {
        var vectors = new float[shards][length];
        for (var shard = 0; shard < shards; shard++) {
            for (var i = 0; i < length; i++) {
                vectors[shard][i] = (float) value.applyAsDouble(shard, i);
            }
        }
        var samples = IntStream.range(0, shards).map(_ -> 1 << random.nextInt(3)).toArray();
        return new ShardBatch(vectors, samples);
    }

    int shards() {
        return samples.length;
    }

    int length() {
        return vectors[0].length;
    }

    /** Returns the same times a power of two, so that nothing is rounded. */
    ShardBatch times(float factor) {
        var scaled = Arrays.stream(vectors).map(float[]::clone).toArray(float[][]::new);
        for (var vector : scaled) {
            for (var i = 0; i < vector.length; i++) {
                vector[i] *= factor;
            }
        }
        return new ShardBatch(scaled, samples);
    }

    /** Returns the same shards in another order. */
    ShardBatch inOrder(int[] order) {
        return new ShardBatch(
                Arrays.stream(order).mapToObj(i -> vectors[i]).toArray(float[][]::new),
                Arrays.stream(order).map(i -> samples[i]).toArray());
    }

    /** Returns the same numbers in doubles. */
    double[][] doubles() {
        return Arrays.stream(vectors)
                .map(vector ->
                        IntStream.range(0, vector.length).mapToDouble(i -> vector[i]).toArray())
                .toArray(double[][]::new);
    }

    float[] average(Averaging averaging) {
        return average(averaging, 0, Math.max(1, length()), 0, 0);
    }

    /**
     * Returns what a run makes of these gradients.
     *
     * @param chunkFloats floats of a chunk
     * @param order seed of the order of arrival; 0 for that of the shards
     * @param empty shards without samples, behind the others
     */
    float[] average(Averaging averaging, long step, int chunkFloats, int order, int empty) {
        return average(averaging, StepLens.NONE, step, chunkFloats, order, empty);
    }

    /** Does the same, and lets a lens look. */
    float[] average(
            Averaging averaging, StepLens lens, long step, int chunkFloats, int order, int empty) {
        var arena = Arena.ofAuto();
        var chunks = new Chunks(length(), chunkFloats);
        var out = Floats.allocate(arena, length());
        var all = shards() + empty;
        var sum =
                new StepSum(
                        arena,
                        new ShardTree(all),
                        chunks,
                        averaging,
                        shard -> shard < shards() ? samples[shard] : 0,
                        () -> step,
                        lens,
                        ChunkSums.of(chunks, out));
        var arrivals = IntStream.range(0, all * chunks.count()).toArray();
        if (order > 0) {
            Seeds.of(order, "arrival").shuffle(arrivals);
        }
        for (var arrival : arrivals) {
            var shard = arrival / chunks.count();
            var chunk = arrival % chunks.count();
            var piece = Floats.allocate(arena, chunks.size(chunk));
            for (var i = 0; shard < shards() && i < chunks.size(chunk); i++) {
                var mean = vectors[shard][(int) chunks.offset(chunk) + i];
                Floats.set(piece, i, samples[shard] * mean);
            }
            sum.offer(new ShardRange(shard, shard + 1), chunk, Payload.of(piece));
        }
        assertThat(sum.isComplete()).isTrue();
        if (averaging.isLinear()) {
            Floats.divide(Arrays.stream(samples).sum(), out);
        }
        return Floats.toArray(out);
    }
}
