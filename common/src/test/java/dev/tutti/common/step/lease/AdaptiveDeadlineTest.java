package dev.tutti.common.step.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.step.run.Patience;
import org.junit.jupiter.api.Test;

class AdaptiveDeadlineTest {
    private static final long SECOND = 1_000_000_000;

    private final AdaptiveDeadline deadline = new AdaptiveDeadline(10, Patience.ofSeconds(1, 60));

    @Test
    void untilEnoughIsObservedTheCeilingHolds() {
        observe(SECOND, 7);
        assertThat(deadline.nanos(1)).isEqualTo(60 * SECOND);
        assertThat(deadline.explain(1)).contains("few observations");
    }

    @Test
    void steadyWaitsGiveTheFloorAndSlowOnesTheirMedian() {
        observe(SECOND / 10, 64);
        assertThat(deadline.nanos(1)).isEqualTo(SECOND);
        observe(5 * SECOND, 64);
        assertThat(deadline.nanos(1)).isEqualTo(5 * SECOND);
        assertThat(deadline.explain(1)).contains("median 5.00 s").contains("MAD");
    }

    @Test
    void aFewOutliersHardlyMoveItAndSpreadWidensIt() {
        observe(2 * SECOND, 50);
        observe(40 * SECOND, 5);
        assertThat(deadline.nanos(1)).isEqualTo(2 * SECOND);
        for (var i = 0; i < 64; i++) {
            deadline.observe((2 + i % 3) * SECOND, 1);
        }
        assertThat(deadline.nanos(1)).isEqualTo(13 * SECOND);
    }

    private void observe(long nanos, int count) {
        for (var i = 0; i < count; i++) {
            deadline.observe(nanos, 1);
        }
    }
}
