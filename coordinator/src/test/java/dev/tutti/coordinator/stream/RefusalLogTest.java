package dev.tutti.coordinator.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.proto.access.Refusal;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A peer that is refused is named, and cannot fill the log. */
class RefusalLogTest {
    private final RefusalLog log = new RefusalLog();

    @Test
    void aStrangerIsSaidOnceAndThenCounted() {
        var refusal = new Refusal("10.0.0.7", Refusal.Kind.FOREIGN, "it is no worker");
        assertThat(IntStream.range(0, 1000).mapToObj(_ -> log.line(refusal)))
                .filteredOn(Optional::isPresent)
                .extracting(Optional::get)
                .containsExactly(
                        "refused: 10.0.0.7: it is no worker",
                        "refused: 10.0.0.7: it is no worker (10 times by now)",
                        "refused: 10.0.0.7: it is no worker (100 times by now)",
                        "refused: 10.0.0.7: it is no worker (1000 times by now)");
    }

    @Test
    void processesThatMayNotJoinAreSaidTenTimesAndThenCounted() {
        var lines =
                IntStream.rangeClosed(1, 1000)
                        .mapToObj(number ->
                                log.line(
                                        new ProcessId(number),
                                        new Rejection(
                                                Rejection.Kind.PROTOCOL, "version " + number)))
                        .flatMap(Optional::stream)
                        .toList();
        assertThat(lines).hasSize(12).startsWith("refused: process 1: version 1");
        assertThat(lines.get(9)).isEqualTo("refused: process 10: version 10");
        assertThat(lines.getLast())
                .isEqualTo("refused: process 1000: version 1000 (1000 times by now)");
        assertThat(log.line(new ProcessId(7), new Rejection(Rejection.Kind.KERNEL, "other bits")))
                .contains("refused: process 7: other bits");
    }
}
