package dev.tutti.coordinator.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.average.Totals;
import dev.tutti.common.step.course.LedgerEntry;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.coordinator.file.Disk;
import dev.tutti.coordinator.file.LineFile;
import dev.tutti.coordinator.file.ResumeException;
import dev.tutti.coordinator.file.RunFiles;
import dev.tutti.coordinator.file.RunLock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The run's files through a stop: lines continue where a checkpoint counted them, figures too. */
class RunFilesTest {
    /** As checkpoints of the first release hold them. */
    private static final String FIGURES =
            "{\"kernels\":[\"plain\"],\"workers\":[0,3],\"processes\":2,\"steps\":10,\"samples\":320,"
                    + "\"epochTotals\":{\"samples\":3,\"loss\":0.3333333333333333,\"correct\":2,"
                    + "\"sampleHash\":-5},\"trainLoss\":0.1,\"virtualSeconds\":2.5,\"evaluations\":{\"VALIDATION\":{"
                    + "\"samples\":3,\"loss\":0.3333333333333333,\"correct\":2,\"sampleHash\":-5}},"
                    + "\"ledger\":[{\"epoch\":0,\"planned\":5,\"counted\":5,\"exact\":true}],"
                    + "\"times\":{\"count\":10,\"stride\":2,\"sumNanos\":100,\"samples\":320,"
                    + "\"seconds\":1.5,\"kept\":[1,2]},\"lostWorkers\":1,\"reassignedShards\":2,"
                    + "\"sentBytes\":3,\"receivedBytes\":4,\"stepsBytes\":5,\"epochsBytes\":6,"
                    + "\"metricsBytes\":9,\"observationsBytes\":7,\"digestsBytes\":8,\"noise\":{\"all\":{"
                    + "\"variance\":1.5,\"squaredNorm\":0.5}},\"proofError\":2.0E-7,"
                    + "\"audits\":9,\"auditsAlone\":1,\"auditDifferences\":1,\"expelled\":[\"x\"],"
                    + "\"port\":4700}";

    @TempDir private Path run;

    @Test
    void linesBehindTheCheckpointAreCutOff() throws IOException {
        var file = run.resolve("lines");
        long kept;
        try (var lines = new LineFile(file, 0)) {
            lines.append("one");
            lines.append("zwölf");
            kept = lines.bytes();
            lines.append("lost");
        }
        Files.writeString(file, Files.readString(file) + "half a li");
        try (var lines = new LineFile(file, kept)) {
            assertThat(lines.bytes()).isEqualTo(kept);
            lines.append("three");
        }
        assertThat(file).hasContent("one\nzwölf\nthree\n");
    }

    @Test
    void aFileThatIsShorterThanItWasKeepsWhatItHas() throws IOException {
        var file = Files.writeString(run.resolve("lines"), "one\n");
        try (var lines = new LineFile(file, 100)) {
            assertThat(lines.bytes()).isEqualTo(4);
            lines.append("two");
        }
        assertThat(file).hasContent("one\ntwo\n");
    }

    @Test
    void aNewRunBeginsWithEmptyFiles() throws IOException {
        Files.writeString(run.resolve("steps.jsonl"), "old\n");
        try (var files = new RunFiles(run, 0, 0)) {
            assertThat(files.steps().bytes()).isZero();
        }
        assertThat(run.resolve("steps.jsonl")).isEmptyFile();
    }

    @Test
    void aFileThatCannotBeWrittenWholeLeavesTheOldOne() throws IOException {
        var file = Files.writeString(run.resolve("a.json"), "old");
        Disk dying =
                (path, content) -> {
                    Disk.REAL.write(path, content);
                    throw new IOException("input/output error");
                };
        var content = List.of(MemorySegment.ofArray(new byte[] {'n', 'e', 'w'}));
        assertThatThrownBy(() -> dying.replace(file, content)).isInstanceOf(IOException.class);
        assertThat(file).hasContent("old");
        assertThat(run).isDirectoryNotContaining("glob:**" + Disk.PARTIAL);
        Disk.REAL.replace(file, content);
        assertThat(file).hasContent("new");
    }

    @Test
    void oneCoordinatorForAFolder() throws IOException {
        try (var _ = RunLock.take(run)) {
            assertThatThrownBy(() -> RunLock.take(run))
                    .isInstanceOf(ResumeException.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
        }
        RunLock.take(run).close();
    }

    @Test
    void figuresAreReadAsTheyWereWritten() {
        assertThat(RunFigures.parse(FIGURES).toJson()).isEqualTo(FIGURES);
        assertThat(RunFigures.parse(FIGURES).copy().toJson()).isEqualTo(FIGURES);
        var none = new RunFigures().toJson();
        assertThat(RunFigures.parse(none).toJson()).isEqualTo(none);
    }

    @Test
    void figuresThatACheckpointDoesNotKnowBeginAtTheirFirstValue() {
        var older = FIGURES.replace("\"lostWorkers\":1,", "");
        assertThat(RunFigures.parse(older).lostWorkers()).isZero();
        assertThat(RunFigures.parse("{}").toJson()).isEqualTo(new RunFigures().toJson());
    }

    @Test
    void aCopyOfFiguresStaysAsItIs() {
        var figures = RunFigures.parse(FIGURES);
        var copy = figures.copy();
        var info = new ProcessInfo(1, "host", 17, "other", "bits");
        for (var event :
                List.of(
                        new RunEvent.MemberJoined(new ProcessId(1), info, List.of()),
                        new RunEvent.MemberLost(new ProcessId(1), List.of(new WorkerId(1)), "gone"),
                        new RunEvent.Evaluated(11, 1, Part.TEST, new Totals(1, 1, 1, 1)),
                        new RunEvent.EpochEnded(new LedgerEntry(1, 5, 5, true)))) {
            figures.on(event);
        }
        assertThat(copy.toJson()).isEqualTo(FIGURES);
        assertThat(figures.lostWorkers()).isEqualTo(2);
        assertThat(figures.epochs()).isEqualTo(2);
    }

    @Test
    void timesOfBothLivesCount() {
        var first = new StepTimes(StepTimes.Saved.NONE);
        for (var i = 1; i <= 3000; i++) {
            first.add(i * 1000L, 2);
        }
        var saved = first.saved();
        assertThat(saved.kept()).hasSizeLessThanOrEqualTo(512);
        var second = new StepTimes(saved);
        for (var i = 3001; i <= 6000; i++) {
            second.add(i * 1000L, 2);
        }
        second.end();
        assertThat(second.millisAt(0.5)).isBetween(2.9, 3.1);
        assertThat(second.samplesPerSecond()).isEqualTo(12_000 / (6000 * 6001 / 2 * 1e-6));
        assertThat(second.seconds()).isGreaterThanOrEqualTo(saved.seconds());
    }
}
