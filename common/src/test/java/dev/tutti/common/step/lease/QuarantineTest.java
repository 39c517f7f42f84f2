package dev.tutti.common.step.lease;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuarantineTest {
    private static final long SECOND = 1_000_000_000;

    private final Quarantine quarantine = new Quarantine();

    @Test
    void everyThirdFailureIsAQuarantineTwiceAsLong() {
        var now = 0L;
        for (var seconds : new int[] {5, 10, 20, 40, 80, 160, 320, 320}) {
            assertThat(quarantine.strike("a", "bad", now)).isEmpty();
            assertThat(quarantine.strike("a", "bad", now)).isEmpty();
            assertThat(quarantine.strike("a", "worse", now))
                    .hasValue(
                            "quarantined for %d.0 s: a failed 3 times, the last time: worse"
                                    .formatted(seconds));
            assertThat(quarantine.refusal("a", now + seconds * SECOND - 1)).isPresent();
            assertThat(quarantine.refusal("b", now)).isEmpty();
            now += seconds * SECOND;
            assertThat(quarantine.refusal("a", now)).isEmpty();
        }
    }

    @Test
    void enoughGoodResultsForgiveFailures() {
        for (var round = 0; round < 10; round++) {
            assertThat(quarantine.strike("a", "bad", 0)).isEmpty();
            assertThat(quarantine.strike("a", "bad", 0)).isEmpty();
            for (var i = 0; i < 16; i++) {
                quarantine.good("a");
            }
        }
    }
}
