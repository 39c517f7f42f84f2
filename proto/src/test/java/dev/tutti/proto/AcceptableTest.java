package dev.tutti.proto;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Shape;
import dev.tutti.proto.failure.WireException;
import org.junit.jupiter.api.Test;

/** What the other side would refuse is refused on this one. */
class AcceptableTest {
    @Test
    void anOrdinaryRunAndProcessAreTaken() {
        assertThatCode(() ->
                        Acceptable.require(spec("dense(2)", 4, "points"), MemberLimits.STANDARD))
                .doesNotThrowAnyException();
        assertThatCode(() -> Acceptable.require(new ProcessInfo(4096, "host", 1, "plain", "ab")))
                .doesNotThrowAnyException();
    }

    @Test
    void aRunThatNoWorkerTakesIsRefusedWithTheLimit() {
        assertRefused(spec("dense(2),".repeat(8000) + "dense(2)", 4, "points"), "65536");
        assertRefused(spec("dense(2)", 2 << 20, "points"), "1048576");
        assertRefused(spec("dense(2)", 4, "p".repeat(300)), "256");
    }

    @Test
    void aProcessThatNoCoordinatorTakesIsRefusedWithTheLimit() {
        assertThatThrownBy(() -> Acceptable.require(new ProcessInfo(5000, "host", 1, "", "")))
                .isInstanceOf(WireException.class)
                .hasMessage("a process of 5000 workers; expected 1 to 4096");
        assertThatThrownBy(() -> Acceptable.require(new ProcessInfo(1, "h".repeat(300), 1, "", "")))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("256");
    }

    private static void assertRefused(RunSpec spec, String limit) {
        assertThatThrownBy(() -> Acceptable.require(spec, MemberLimits.STANDARD))
                .isInstanceOf(WireException.class)
                .hasMessageContaining(limit);
    }

    private static RunSpec spec(String model, int shards, String data) {
        return new RunSpec(
                model,
                "mse",
                Shape.of(1, 8, 8),
                2,
                -3,
                1 << 22,
                true,
                shards,
                0.1,
                0.2,
                data,
                "ab".repeat(32),
                99,
                1 << 17,
                Roundings.NONE,
                "mean",
                "none",
                "none",
                0,
                "synchronous",
                RunSpec.NO_CLOCK,
                "iid",
                "fp32",
                "fp32");
    }
}
