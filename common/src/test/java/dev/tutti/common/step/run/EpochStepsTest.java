package dev.tutti.common.step.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.random.Seeds;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class EpochStepsTest {
    private static final long SEED = 20_261_130;

    /** Counts steps one after another, in epochs of any shape and a change at any step. */
    @Test
    void everyBatchIsInOneStepInOrder() {
        var random = Seeds.of(SEED, "epochs");
        for (var round = 0; round < 2_000; round++) {
            var full = random.nextInt(12);
            var batches = Math.max(1, full + random.nextInt(2));
            var together = 1 + random.nextInt(6);
            var from = random.nextInt(40);
            var steps = new EpochSteps(batches, full, together, from);
            var step = 0L;
            for (var epoch = 0; epoch < 6; epoch++) {
                assertThat(steps.first(epoch)).as("%s, epoch %d", steps, epoch).isEqualTo(step);
                var batch = (long) epoch * batches;
                var sizes = new ArrayList<Integer>();
                while (batch < (epoch + 1L) * batches) {
                    assertThat(steps.batch(step)).as("%s, step %d", steps, step).isEqualTo(batch);
                    assertThat(steps.epoch(step)).as("%s, step %d", steps, step).isEqualTo(epoch);
                    var size = steps.together(batch);
                    assertThat(size).isBetween(1, batch < from ? 1 : together);
                    sizes.add(size);
                    batch += size;
                    step++;
                }
                assertThat(batch).isEqualTo((epoch + 1L) * batches);
                assertThat(steps.count(epoch)).as("%s", steps).isEqualTo(sizes.size());
            }
        }
    }
}
