package dev.tutti.common.average;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Bf16;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Parallel;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The average's promise: the same bits for any cut of the shards and any order of arrival. */
class StepSumTest {
    private static final int LENGTH = 37;
    private static final int CHUNK = 8;

    private final Arena arena = Arena.ofAuto();
    private final Chunks chunks = new Chunks(LENGTH, CHUNK);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 11})
    void anyCutAndAnyOrderOfArrivalGivesTheSameBits(int shards) {
        var gradients = gradients(shards, 7);
        var tree = new ShardTree(shards);
        var expected = reduce(tree, List.of(tree.root()), gradients, 0);
        for (var seed = 1; seed <= 50; seed++) {
            var cut = randomCut(tree, seed);
            assertThat(reduce(tree, cut, gradients, seed))
                    .as("seed %d, cut %s", seed, cut)
                    .isEqualTo(expected);
        }
    }

    @Test
    void theTreesOrderIsNotTheOrderOfArrival() {
        // Guards the test above: with these numbers a sum in arrival order has other bits.
        var gradients = gradients(8, 7);
        var tree = new ShardTree(8);
        var inTreeOrder = reduce(tree, tree.cover(tree.root()), gradients, 0);
        var inOrder = new float[LENGTH];
        for (var gradient : gradients) {
            for (var i = 0; i < LENGTH; i++) {
                inOrder[i] += Floats.get(gradient, i);
            }
        }
        assertThat(inOrder).isNotEqualTo(inTreeOrder);
    }

    @Test
    void piecesOfDifferentCutsMeetInOneStep() {
        var gradients = gradients(4, 3);
        var tree = new ShardTree(4);
        var expected = reduce(tree, List.of(tree.root()), gradients, 0);
        var out = Floats.allocate(arena, LENGTH);
        var sum = stepSum(tree, chunks, ChunkSums.of(chunks, out));
        var left = new ShardRange(0, 2);
        // The holder of shards 0 and 1 dies after two chunks; the rest comes shard by shard.
        for (var chunk = 0; chunk < chunks.count(); chunk++) {
            offer(sum, new ShardRange(2, 4), chunk, gradients, tree);
            if (chunk < 2) {
                offer(sum, left, chunk, gradients, tree);
            } else {
                offer(sum, new ShardRange(0, 1), chunk, gradients, tree);
                offer(sum, new ShardRange(1, 2), chunk, gradients, tree);
            }
        }
        assertThat(sum.isComplete()).isTrue();
        assertThat(Floats.toArray(out)).isEqualTo(expected);
    }

    @Test
    void everyPieceIsReleasedExactlyOnce() {
        var gradients = gradients(4, 3);
        var tree = new ShardTree(4);
        var sum = stepSum(tree, chunks, ChunkSums.of(chunks, Floats.allocate(arena, LENGTH)));
        var released = new ArrayList<AtomicInteger>();
        for (var shard = 0; shard < 4; shard++) {
            for (var chunk = 0; chunk < chunks.count(); chunk++) {
                var counter = new AtomicInteger();
                released.add(counter);
                var floats = slice(gradients.get(shard), chunk);
                sum.offer(new ShardRange(shard, shard + 1), chunk, counting(floats, counter));
                if (shard == 2 && chunk == 1) {
                    // A duplicate replaces the first, and a late one changes nothing.
                    var again = new AtomicInteger();
                    released.add(again);
                    sum.offer(new ShardRange(2, 3), chunk, counting(floats, again));
                }
            }
        }
        var late = new AtomicInteger();
        var outcome =
                sum.offer(new ShardRange(0, 1), 0, counting(slice(gradients.get(0), 0), late));
        assertThat(outcome).isEqualTo(StepSum.Outcome.LATE);
        released.add(late);
        sum.begin(tree.root());
        assertThat(released).allMatch(counter -> counter.get() == 1);
    }

    @Test
    void aSumThatIsNotFiniteNamesThePieceAndWaitsForABetterOne() {
        var gradients = gradients(2, 3);
        var tree = new ShardTree(2);
        var out = Floats.allocate(arena, LENGTH);
        var sum = stepSum(tree, chunks, ChunkSums.of(chunks, out));
        var poisoned = Floats.allocate(arena, CHUNK);
        Floats.set(poisoned, 5, Float.NaN);
        sum.offer(new ShardRange(0, 1), 1, Payload.of(poisoned));
        var outcome = sum.offer(new ShardRange(1, 2), 1, Payload.of(slice(gradients.get(1), 1)));
        assertThat(outcome).isEqualTo(StepSum.Outcome.NOT_FINITE);
        var found = sum.firstNotFinite();
        assertThat(found.shards()).isEqualTo(new ShardRange(0, 1));
        assertThat(found.chunk()).isEqualTo(1);
        assertThat(found.index()).isEqualTo(CHUNK + 5);
        sum.withdraw(new ShardRange(0, 1));
        var better = sum.offer(new ShardRange(0, 1), 1, Payload.of(slice(gradients.get(0), 1)));
        assertThat(better).isEqualTo(StepSum.Outcome.REDUCED);
    }

    /** What a worker has sent outlives it; others bring the same node as its children. */
    @Test
    void aChunkThatIsCompleteWithoutWhatWasWithdrawnIsAddedUp() {
        var gradients = gradients(4, 3);
        var sum =
                stepSum(
                        new ShardTree(4),
                        chunks,
                        ChunkSums.of(chunks, Floats.allocate(arena, LENGTH)));
        var poisoned = Floats.allocate(arena, CHUNK);
        Floats.set(poisoned, 5, Float.NaN);
        sum.offer(new ShardRange(0, 2), 1, Payload.of(poisoned));
        var outcome = StepSum.Outcome.WAITING;
        for (var shard = 0; shard < 4; shard++) {
            var piece = Payload.of(slice(gradients.get(shard), 1));
            outcome = sum.offer(new ShardRange(shard, shard + 1), 1, piece);
        }
        assertThat(outcome).isEqualTo(StepSum.Outcome.NOT_FINITE);
        sum.withdraw(new ShardRange(0, 2));
        assertThat(sum.settle()).isEqualTo(StepSum.Outcome.REDUCED);
        assertThat(sum.settle()).isEqualTo(StepSum.Outcome.WAITING);
    }

    @Test
    void chunksThatAreAddedUpOnSeveralCoresHaveTheBitsOfOneByOne() {
        var many = new Chunks(Parallel.FLOATS_MIN + 1234, 1 << 12);
        var tree = new ShardTree(5);
        var oneByOne = Floats.allocate(arena, many.length());
        var together = Floats.allocate(arena, many.length());
        var told = new ArrayList<Integer>();
        var sum = stepSum(tree, many, ChunkSums.of(many, oneByOne));
        var whole = stepSum(tree, many, telling(ChunkSums.of(many, together), told));
        for (var shard = 4; shard >= 0; shard--) {
            var node = new ShardRange(shard, shard + 1);
            var gradient = Floats.allocate(arena, many.length());
            var numbers = Seeds.of(9, "gradient", shard);
            for (var i = 0L; i < many.length(); i++) {
                Floats.set(gradient, i, (float) numbers.nextGaussian());
            }
            var pieces = new SharedPayload(Payload.of(gradient), many);
            for (var chunk = 0; chunk < many.count(); chunk++) {
                sum.offer(node, chunk, Payload.of(pieces.slice(chunk).floats()));
                assertThat(whole.put(node, chunk, pieces.slice(chunk))).isTrue();
            }
        }
        assertThat(told).isEmpty();
        assertThat(whole.settle()).isEqualTo(StepSum.Outcome.REDUCED);
        assertThat(whole.isComplete()).isTrue();
        assertThat(told).hasSize(many.count()).isSorted();
        assertThat(together.mismatch(oneByOne)).isEqualTo(-1);
    }

    @Test
    void aSubtreesSumIsToldAsItsLastShardComes() {
        var gradients = gradients(5, 4);
        var tree = new ShardTree(5);
        var expected = reduce(tree, List.of(tree.root()), gradients, 0);
        var out = Floats.allocate(arena, LENGTH);
        var told = new ArrayList<Long>();
        var totals =
                new SubtreeSum(
                                tree,
                                (shard, vector, progress) -> {
                                    var one = new Totals(shard, shard, 0, shard);
                                    for (var from : new long[] {30, 11, 0}) {
                                        var count = LENGTH - from;
                                        Floats.copy(
                                                Floats.slice(gradients.get(shard), from, count),
                                                Floats.slice(vector.floats(), from, count));
                                        progress.known(from, one);
                                    }
                                    return one;
                                },
                                () -> Floats.allocate(arena, LENGTH),
                                _ -> {})
                        .sum(
                                tree.root(),
                                Elements.of(out),
                                (from, all) -> {
                                    told.add(from);
                                    assertThat(all.samples()).isEqualTo(10);
                                    for (var i = from; i < LENGTH; i++) {
                                        assertThat(Floats.get(out, i)).isEqualTo(expected[(int) i]);
                                    }
                                });
        assertThat(told).containsExactly(30L, 11L, 0L);
        assertThat(totals.samples()).isEqualTo(10);
    }

    @Test
    void shardsOf16BitsAddUpAsTheirFloatsDo() {
        for (var shards : new int[] {1, 2, 5}) {
            var tree = new ShardTree(shards);
            var halves = new ArrayList<Elements>();
            for (var gradient : gradients(shards, 5)) {
                var rounded = Elements.allocate(arena, Precision.BF16, LENGTH);
                Elements.of(gradient).copyTo(rounded);
                halves.add(rounded);
            }
            var floats = halves.stream().map(this::decoded).toList();
            var expected = Floats.allocate(arena, LENGTH);
            var found = Floats.allocate(arena, LENGTH);
            var plain = stepSum(tree, chunks, ChunkSums.of(chunks, expected));
            var mixed = stepSum(tree, chunks, ChunkSums.of(chunks, found));
            for (var shard = 0; shard < shards; shard++) {
                var node = new ShardRange(shard, shard + 1);
                // One that came through a sum of floats on its way does not matter.
                var piece = Payload.of(shard == 1 ? floats.get(shard) : halves.get(shard));
                var pieces = new SharedPayload(piece, chunks);
                for (var chunk = 0; chunk < chunks.count(); chunk++) {
                    mixed.offer(node, chunk, pieces.slice(chunk));
                    plain.offer(node, chunk, Payload.of(slice(floats.get(shard).floats(), chunk)));
                }
            }
            assertThat(mixed.isComplete()).isTrue();
            assertThat(found.mismatch(expected)).as("%d shards", shards).isEqualTo(-1);
        }
    }

    @Test
    void whatIsNotFiniteIsFoundAmong16Bits() {
        var tree = new ShardTree(2);
        var sum = stepSum(tree, chunks, ChunkSums.of(chunks, Floats.allocate(arena, LENGTH)));
        var bad = Elements.allocate(arena, Precision.BF16, LENGTH);
        bad.memory().setAtIndex(ValueLayout.JAVA_SHORT, 1, Bf16.encode(Float.NEGATIVE_INFINITY));
        var good = Elements.allocate(arena, Precision.BF16, LENGTH);
        sum.offer(new ShardRange(0, 1), 0, new SharedPayload(Payload.of(good), chunks).slice(0));
        var outcome =
                sum.offer(
                        new ShardRange(1, 2),
                        0,
                        new SharedPayload(Payload.of(bad), chunks).slice(0));
        assertThat(outcome).isEqualTo(StepSum.Outcome.NOT_FINITE);
        assertThat(sum.firstNotFinite())
                .isEqualTo(
                        new StepSum.NotFinite(0, new ShardRange(1, 2), 1, Float.NEGATIVE_INFINITY));
    }

    private Elements decoded(Elements halves) {
        return Elements.of(halves.floats(Floats.allocate(arena, LENGTH)));
    }

    private static ChunkSums telling(ChunkSums sums, List<Integer> told) {
        return new ChunkSums() {
            @Override
            public boolean take(int chunk, List<Elements> terms) {
                return sums.take(chunk, terms);
            }

            @Override
            public void taken(int chunk) {
                told.add(chunk);
            }
        };
    }

    private float[] reduce(
            ShardTree tree, List<ShardRange> cut, List<MemorySegment> gradients, int seed) {
        var out = Floats.allocate(arena, LENGTH);
        var sum = stepSum(tree, chunks, ChunkSums.of(chunks, out));
        var arrivals = new int[cut.size() * chunks.count()];
        for (var i = 0; i < arrivals.length; i++) {
            arrivals[i] = i;
        }
        if (seed > 0) {
            Seeds.of(seed, "arrival").shuffle(arrivals);
        }
        for (var arrival : arrivals) {
            offer(
                    sum,
                    cut.get(arrival / chunks.count()),
                    arrival % chunks.count(),
                    gradients,
                    tree);
        }
        assertThat(sum.isComplete()).isTrue();
        return Floats.toArray(out);
    }

    private void offer(
            StepSum sum,
            ShardRange node,
            int chunk,
            List<MemorySegment> gradients,
            ShardTree tree) {
        var whole = Floats.allocate(arena, LENGTH);
        new SubtreeSum(
                        tree,
                        (shard, out, progress) -> {
                            Floats.copy(gradients.get(shard), out.floats());
                            progress.known(0, Totals.NONE);
                            return Totals.NONE;
                        },
                        () -> Floats.allocate(arena, LENGTH),
                        _ -> {})
                .sum(node, Elements.of(whole), SubtreeSum.Progress.NONE);
        sum.offer(node, chunk, Payload.of(slice(whole, chunk)));
    }

    private StepSum stepSum(ShardTree tree, Chunks cut, ChunkSums sums) {
        return new StepSum(arena, tree, cut, Averaging.MEAN, _ -> 1, () -> 0, StepLens.NONE, sums);
    }

    private MemorySegment slice(MemorySegment vector, int chunk) {
        return Floats.slice(vector, chunks.offset(chunk), chunks.size(chunk));
    }

    private static Payload counting(MemorySegment floats, AtomicInteger counter) {
        return Payload.of(Elements.of(floats), counter::incrementAndGet);
    }

    private List<MemorySegment> gradients(int shards, long seed) {
        var random = Seeds.of(seed, "gradients");
        var gradients = new ArrayList<MemorySegment>();
        for (var shard = 0; shard < shards; shard++) {
            var gradient = Floats.allocate(arena, LENGTH);
            for (var i = 0; i < LENGTH; i++) {
                Floats.set(gradient, i, (float) (random.nextGaussian() * (1 + shard * shard)));
            }
            gradients.add(gradient);
        }
        return gradients;
    }

    private static List<ShardRange> randomCut(ShardTree tree, int seed) {
        var random = Seeds.of(seed, "cut");
        var cut = new ArrayList<ShardRange>();
        cut(tree, tree.root(), random, cut);
        return cut;
    }

    private static void cut(ShardTree tree, ShardRange node, Seeds random, List<ShardRange> out) {
        if (node.size() == 1 || random.nextInt(3) == 0) {
            out.add(node);
        } else {
            cut(tree, tree.left(node), random, out);
            cut(tree, tree.right(node), random, out);
        }
    }
}
