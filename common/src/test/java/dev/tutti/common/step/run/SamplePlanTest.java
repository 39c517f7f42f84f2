package dev.tutti.common.step.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.data.BatchPlan;
import dev.tutti.common.data.Split;
import dev.tutti.common.data.Targets;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.step.simulation.Scenario;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Law 3, of what the coordinator and the workers cut shards with. */
class SamplePlanTest {
    private static final List<String> PARTITIONS =
            List.of("iid", "sorted", "dirichlet(0.3)", "by-label(3)");

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 42, -7})
    void everySampleIsInOneShardAnEpochAndTheShardsTileEachBatch(long seed) {
        var random = Seeds.of(seed, "sample-plan-test");
        for (var round = 0; round < 100; round++) {
            var shards = 1 + random.nextInt(70);
            var shape = Scenario.spec(shards + random.nextInt(300), shards);
            var spec =
                    Scenario.standard()
                            .with(shape)
                            .withPartition(PARTITIONS.get(round % PARTITIONS.size()))
                            .spec();
            var rows = permutation(random, 3 + random.nextInt(400));
            var train = Arrays.copyOf(rows, rows.length - 2);
            var split = new Split(train, lone(rows, 2), lone(rows, 1));
            var plan = new SamplePlan(spec, split, labels(random, rows.length, shards));
            var context =
                    "seed %d, round %d, %d samples, %s".formatted(seed, round, train.length, spec);
            for (var epoch = 0; epoch < 3; epoch++) {
                var seen = new int[rows.length];
                for (var index = 0; index < plan.stepsBefore(1); index++) {
                    var step = (long) epoch * plan.stepsBefore(1) + index;
                    tile(
                            plan,
                            new Work.Train(step),
                            shards,
                            plan.expected(step).samples(),
                            seen,
                            context);
                }
                assertThat(Arrays.stream(train).map(row -> seen[row])).as(context).containsOnly(1);
                assertThat(Arrays.stream(seen).sum()).as(context).isEqualTo(train.length);
            }
        }
    }

    /** Checks that the shards of a batch follow one another, and counts their samples. */
    private static void tile(
            SamplePlan plan, Work work, int shards, int count, int[] seen, String context) {
        var at = plan.slice(work, new ShardRange(0, 1)).from();
        var whole = plan.slice(work, new ShardRange(0, shards));
        assertThat(whole.count()).as(context).isEqualTo(count);
        for (var shard = 0; shard < shards; shard++) {
            var slice = plan.slice(work, new ShardRange(shard, shard + 1));
            assertThat(slice.from()).as(context).isEqualTo(at);
            assertThat(slice.count())
                    .as(context)
                    .isBetween(count / shards, (count + shards - 1) / shards);
            at = slice.to();
            for (var i = slice.from(); i < slice.to(); i++) {
                seen[slice.rows()[i]]++;
            }
        }
        assertThat(at).as(context).isEqualTo(whole.to());
    }

    @Test
    void theLargestBatchDoesNotOverflow() {
        assertThat(BatchPlan.boundary(64, 64, Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(BatchPlan.boundary(63, 64, Integer.MAX_VALUE)).isEqualTo(2_113_929_215);
    }

    private static int[] permutation(Seeds random, int count) {
        var rows = IntStream.range(0, count).toArray();
        random.shuffle(rows);
        return rows;
    }

    /** Returns labels of as many classes as by-label(3) has place for. */
    private static Targets labels(Seeds random, int count, int shards) {
        var classes = Math.min(7, 3 * shards);
        var labels = IntStream.range(0, count).map(_ -> random.nextInt(classes)).toArray();
        return new Targets.Labels(
                IntStream.range(0, classes).mapToObj(k -> "class " + k).toList(),
                Arena.ofAuto().allocateFrom(ValueLayout.JAVA_INT, labels));
    }

    /** Returns the row at this place from the end. */
    private static int[] lone(int[] rows, int fromEnd) {
        return new int[] {rows[rows.length - fromEnd]};
    }
}
