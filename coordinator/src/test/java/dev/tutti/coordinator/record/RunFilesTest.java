package dev.tutti.coordinator.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.average.Totals;
import dev.tutti.common.step.run.Part;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The run's files through a stop: lines continue where a checkpoint counted them, figures too. */
class RunFilesTest {
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
        var totals = new Totals(3, 1 / 3.0, 2, -5);
        var figures =
                new RunFigures(
                        new TreeSet<>(List.of("plain")),
                        new TreeSet<>(List.of(0, 3)),
                        2,
                        10,
                        320,
                        totals,
                        0.1,
                        Map.of(Part.VALIDATION, totals),
                        List.of(new RunSummary.LedgerLine(0, 5, 5, true)),
                        new StepTimes.Saved(10, 2, 100, 320, 1.5, List.of(1L, 2L)),
                        1,
                        2,
                        3,
                        4,
                        5,
                        6,
                        4700);
        assertThat(RunFigures.parse(figures.toJson())).isEqualTo(figures);
        assertThat(figures.toJson()).isEqualTo(RecordJson.line(figures));
        assertThat(RunFigures.parse(RunFigures.NONE.toJson())).isEqualTo(RunFigures.NONE);
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
