package dev.tutti.coordinator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.step.course.LedgerEntry;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.coordinator.file.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines that a run's readers rely on, to the letter. */
class StepLogTest {
    private static final StepReport.Share FIRST =
            new StepReport.Share(new WorkerId(0), new ShardRange(0, 2), 0, 16, 1_500_000);
    private static final StepReport.Share SECOND =
            new StepReport.Share(new WorkerId(3), new ShardRange(2, 4), 1, 16, 2_000_000);

    @TempDir private Path run;

    private final List<String> warnings = new ArrayList<>();

    @Test
    void aStepNamesWhoComputedWhat() throws IOException {
        tell(true, "ab\"c", step(7, 16, List.of(FIRST, SECOND)));
        assertThat(run.resolve("steps.jsonl"))
                .hasContent(
                        "{\"step\":7,\"epoch\":1,\"loss\":0.5,\"samples\":32,\"rate\":0.001,"
                                + "\"millis\":{\"total\":4.5,\"collect\":3.25,\"compute\":2.0,"
                                + "\"apply\":1.25},\"hiddenTransfer\":0.25,\"sentBytes\":300,"
                                + "\"receivedBytes\":200,\"contributions\":["
                                + "{\"worker\":0,\"shards\":[0,2],\"attempt\":0,\"samples\":16,"
                                + "\"computeMillis\":1.5},"
                                + "{\"worker\":3,\"shards\":[2,4],\"attempt\":1,\"samples\":16,"
                                + "\"computeMillis\":2.0}],\"digest\":\"ab\\\"c\"}\n");
    }

    @Test
    void whatIsNotThereIsNull() throws IOException {
        tell(true, "d", step(1, 32e-9, List.of()));
        assertThat(run.resolve("steps.jsonl"))
                .content()
                .contains("\"loss\":1.0E-9,", "\"contributions\":[],\"digest\":null}");
    }

    @Test
    void anEpochHasTheLossOfItsStepsAndOfItsValidation() throws IOException {
        tell(
                false,
                "d",
                step(12, 8, List.of()),
                new RunEvent.EpochEnded(new LedgerEntry(0, 32, 32, true)),
                new RunEvent.Evaluated(12, 0, Part.TEST, new Totals(4, 4, 0, 0)),
                new RunEvent.Evaluated(12, 0, Part.VALIDATION, new Totals(4, 2, 1, 0)));
        assertThat(run.resolve("epochs.jsonl"))
                .hasContent(
                        "{\"epoch\":0,\"step\":12,\"trainLoss\":0.25,\"validationLoss\":0.5,"
                                + "\"validationAccuracy\":null,\"digest\":\"d\"}\n");
    }

    /** JSON has no such numbers; a line that holds one is JSON nevertheless. */
    @Test
    void aLossThatIsNoNumberIsText() throws IOException {
        tell(true, "d", step(1, Double.NaN, List.of()));
        assertThat(Files.readString(run.resolve("steps.jsonl"))).contains("\"loss\":\"NaN\",");
    }

    @Test
    void aDiskThatTakesNoLineIsToldOnce() throws IOException {
        var files = new RunFiles(run, 0, 0);
        files.close();
        var log = new StepLog(files, new RunFigures(), () -> "d", 0, warnings::add);
        log.on(step(1, 1, List.of()));
        log.on(step(2, 1, List.of()));
        assertThat(warnings).singleElement().asString().contains("training goes on without");
    }

    private void tell(boolean labelled, String digest, RunEvent... events) throws IOException {
        try (var files = new RunFiles(run, 0, 0)) {
            var figures = RunFigures.of(Optional.empty(), labelled);
            var log = new StepLog(files, figures, () -> digest, 7, warnings::add);
            for (var event : events) {
                figures.on(event);
                log.on(event);
            }
        }
        assertThat(warnings).isEmpty();
    }

    private static RunEvent step(long step, double loss, List<StepReport.Share> shares) {
        var report =
                new StepReport(
                        step,
                        1,
                        new Totals(32, loss, 0, 0),
                        1e-3,
                        shares,
                        3_250_000,
                        0.25,
                        Optional.empty(),
                        0,
                        Optional.empty());
        return new RunEvent.StepTaken(report, 3_250_000, 1_250_000, 300, 200);
    }
}
