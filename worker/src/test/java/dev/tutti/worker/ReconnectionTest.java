package dev.tutti.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.proto.access.Access;
import dev.tutti.worker.Reconnection.Next;
import io.grpc.Status;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReconnectionTest {
    private static final long SECOND = 1_000_000_000;

    private final Reconnection rule =
            new Reconnection(
                    Duration.ofSeconds(30), "host:1", Access.OPEN, new SplittableRandom(1), 0);

    @Test
    void pausesGrowToALimitAndAreSpread() {
        var limits = new long[] {100, 200, 400, 800, 1600, 2000, 2000};
        for (var limit : limits) {
            var next = rule.after(Status.UNAVAILABLE.withDescription("refused"), SECOND);
            assertThat(next)
                    .isInstanceOfSatisfying(
                            Next.Retry.class,
                            retry ->
                                    assertThat(retry.pause().toMillis())
                                            .isBetween(limit / 2, limit));
        }
    }

    @Test
    void anAnswerStartsAnew() {
        for (var i = 0; i < 8; i++) {
            rule.after(Status.UNAVAILABLE, SECOND);
        }
        rule.answered(29 * SECOND);
        assertThat(rule.after(Status.ABORTED, 50 * SECOND))
                .isInstanceOfSatisfying(
                        Next.Retry.class,
                        retry -> assertThat(retry.pause()).isLessThan(Duration.ofMillis(101)));
    }

    @Test
    void patienceEndsAfterTheStatedTime() {
        assertThat(rule.after(Status.UNAVAILABLE, 29 * SECOND)).isInstanceOf(Next.Retry.class);
        assertThat(rule.after(Status.UNAVAILABLE.withDescription("no route"), 31 * SECOND))
                .isEqualTo(
                        new Next.GiveUp(
                                new WorkerOutcome(
                                        WorkerOutcome.Kind.UNREACHABLE,
                                        "no coordinator at host:1 for 30 s: no route")));
    }

    @Test
    void aNameThatCannotBeResolvedIsTriedForAsLongAndToldInWords() {
        var unresolved =
                Status.UNAVAILABLE
                        .withDescription("Unable to resolve host host")
                        .withCause(new UnknownHostException("host"));
        assertThat(rule.after(unresolved, 29 * SECOND))
                .isInstanceOfSatisfying(
                        Next.Retry.class,
                        retry -> assertThat(retry.why()).isEqualTo("its name cannot be resolved"));
        assertThat(rule.after(unresolved, 31 * SECOND)).isInstanceOf(Next.GiveUp.class);
    }

    @Test
    void toBeCountedAsLostIsAnAnswerHoweverLongNothingWasHeardBefore() {
        var lost = Status.ABORTED.withDescription("lost: worker 3: no heartbeat for 2.11 s");
        assertThat(rule.after(lost, 31 * SECOND)).isInstanceOf(Next.Retry.class);
        assertThat(rule.after(Status.UNAVAILABLE, 60 * SECOND)).isInstanceOf(Next.Retry.class);
        assertThat(rule.after(Status.UNAVAILABLE, 62 * SECOND)).isInstanceOf(Next.GiveUp.class);
    }

    @Test
    void aQuarantineIsWaitedForHoweverLongAndWithLongerPauses() {
        var quarantined = Status.RESOURCE_EXHAUSTED.withDescription("quarantined for 5.0 s");
        for (var i = 0; i < 20; i++) {
            assertThat(rule.after(quarantined, 29L * i * SECOND))
                    .isInstanceOfSatisfying(
                            Next.Retry.class,
                            retry -> assertThat(retry.why()).contains("quarantined"));
        }
        assertThat(rule.after(quarantined, 600 * SECOND))
                .isInstanceOfSatisfying(
                        Next.Retry.class,
                        retry -> assertThat(retry.pause().toMillis()).isBetween(15_000L, 30_000L));
    }

    @Test
    void aRefusalIsFinal() {
        assertRefused(Status.FAILED_PRECONDITION.withDescription("protocol"), "protocol");
        assertRefused(Status.UNIMPLEMENTED, "no Tutti coordinator");
        assertRefused(
                Status.UNAVAILABLE.withDescription(
                        "http2 exception: First received frame was not SETTINGS."),
                "answers, but not as a Tutti coordinator");
    }

    private void assertRefused(Status status, String expected) {
        assertThat(rule.after(status, SECOND))
                .isInstanceOfSatisfying(
                        Next.GiveUp.class,
                        ended -> {
                            assertThat(ended.outcome().kind())
                                    .isEqualTo(WorkerOutcome.Kind.REFUSED);
                            assertThat(ended.outcome().reason()).contains(expected);
                        });
    }
}
