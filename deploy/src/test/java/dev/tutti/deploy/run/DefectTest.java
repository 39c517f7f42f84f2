package dev.tutti.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.coordinator.record.Judge;
import dev.tutti.deploy.support.TestRun;
import dev.tutti.proto.access.Access;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A defect of Tutti ends the run and is told; it leaves nobody waiting. */
class DefectTest {
    @TempDir Path temporary;

    @Test
    void anExceptionInTheCoordinatorEndsTheRunWithItsCause() throws IOException {
        try (var run = new TestRun(temporary.resolve("run"), Access.OPEN, 1, "--steps", "5")) {
            run.atStep.add(_ -> {
                throw new IllegalStateException("planted");
            });
            var _ = run.worker("127.0.0.1", Access.OPEN);
            assertThat(run.outcome())
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("planted");
        }
    }

    @Test
    void aReportThatFailsCostsNoResult() throws IOException {
        var folder = temporary.resolve("run");
        Judge planted =
                _ -> {
                    throw new IllegalStateException("planted");
                };
        try (var run = new TestRun(folder, Access.OPEN, 1, planted, "--steps", "5")) {
            var _ = run.worker("127.0.0.1", Access.OPEN);
            assertThat(run.summary().report()).isNull();
            assertThat(run.warnings)
                    .containsExactly("the result has no report: planted; tutti evaluate gives one");
            assertThat(folder.resolve("model.safetensors")).exists();
        }
    }
}
