package dev.tutti.common.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.random.Seeds;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchPlanTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 42, -7})
    void everySampleCountsExactlyOnceAnEpoch(long seed) {
        var random = Seeds.of(seed, "plan-test");
        for (var round = 0; round < 100; round++) {
            var count = 1 + random.nextInt(300);
            var plan = new BatchPlan(count, 1 + random.nextInt(350), seed, round % 4 > 0);
            var context = "seed %d, round %d, %s".formatted(seed, round, plan);
            for (var epoch = 0; epoch < 3; epoch++) {
                var order = plan.order(epoch);
                var seen = new int[count];
                var at = 0;
                for (var index = 0; index < plan.stepsPerEpoch(); index++) {
                    var batch = plan.batch((long) epoch * plan.stepsPerEpoch() + index);
                    assertThat(batch.epoch()).as(context).isEqualTo(epoch);
                    assertThat(batch.index()).as(context).isEqualTo(index);
                    assertThat(batch.count()).as(context).isBetween(1, plan.batch());
                    assertThat(batch.from()).as(context).isEqualTo(at);
                    at = batch.to();
                    for (var i = batch.from(); i < batch.to(); i++) {
                        seen[order[i]]++;
                    }
                }
                assertThat(at).as(context).isEqualTo(count);
                assertThat(seen).as(context).containsOnly(1);
            }
        }
    }

    @Test
    void theOrderIsAPureFunctionOfSeedAndEpoch() {
        var plan = new BatchPlan(100, 10, 7, true);
        assertThat(plan.order(3)).isEqualTo(new BatchPlan(100, 32, 7, true).order(3));
        assertThat(plan.order(3)).isNotEqualTo(plan.order(4));
        assertThat(plan.order(3)).isNotEqualTo(new BatchPlan(100, 10, 8, true).order(3));
    }

    @Test
    void theOrderNeverChangesBetweenReleases() {
        assertThat(new BatchPlan(10, 4, 42, true).order(0))
                .containsExactly(0, 1, 3, 6, 9, 7, 5, 4, 8, 2);
    }

    @Test
    void withoutShufflingTheOrderIsThatOfTheFile() {
        assertThat(new BatchPlan(5, 2, 7, false).order(9)).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void theShortLastBatchIsUsedAsItIs() {
        var plan = new BatchPlan(10, 4, 7, true);
        assertThat(plan.stepsPerEpoch()).isEqualTo(3);
        assertThat(plan.batch(2)).isEqualTo(new BatchPlan.Batch(0, 2, 8, 10));
        assertThat(plan.batch(3)).isEqualTo(new BatchPlan.Batch(1, 0, 0, 4));
    }

    @Test
    void aBatchLargerThanTheDataIsTheWholeData() {
        var plan = new BatchPlan(10, Integer.MAX_VALUE, 7, true);
        assertThat(plan.stepsPerEpoch()).isEqualTo(1);
        assertThat(plan.batch(5)).isEqualTo(new BatchPlan.Batch(5, 0, 0, 10));
    }

    @Test
    void theLargestPlanDoesNotOverflow() {
        var plan = new BatchPlan(Integer.MAX_VALUE, 1 << 30, 7, false);
        assertThat(plan.batch(1)).isEqualTo(new BatchPlan.Batch(0, 1, 1 << 30, Integer.MAX_VALUE));
    }

    @Test
    void rowsAreTheTrainingRowsInTheEpochsOrder() {
        var train = new int[] {3, 5, 8, 13, 21};
        var plan = new BatchPlan(5, 2, 7, true);
        var order = plan.order(1);
        assertThat(plan.rows(1, train))
                .containsExactly(IntStream.of(order).map(i -> train[i]).toArray());
        assertThatThrownBy(() -> plan.rows(1, Arrays.copyOf(train, 4)))
                .hasMessage("the plan is for 5 training samples, the split has 4");
    }

    @Test
    void aPlanWithoutSamplesIsRefused() {
        assertThatThrownBy(() -> new BatchPlan(0, 1, 7, true))
                .hasMessage("training samples must be at least 1, were 0");
        assertThatThrownBy(() -> new BatchPlan(1, 0, 7, true))
                .hasMessage("batch must be at least 1, was 0");
        var plan = new BatchPlan(10, 4, 7, true);
        assertThatThrownBy(() -> plan.batch(-1)).hasMessage("step must be at least 0, was -1");
    }
}
