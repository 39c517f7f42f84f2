package dev.tutti.deploy.study;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.OutputFile;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.local.LocalRun;
import dev.tutti.deploy.process.ProcessEnd;
import dev.tutti.deploy.run.Failures;
import dev.tutti.deploy.study.StudyResults.Row;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Trains the runs of a study one after another. What is done stays done: the folders of the runs
 * are the state, so a study that was stopped at any moment goes on by being started again.
 */
final class StudyRunner {
    /**
     * Failures of a run. All runs were prepared without one, so any other comes from this machine,
     * such as a full disk or data that has gone: it ends the study, and no run is to blame.
     */
    private static final Set<Integer> OF_A_RUN =
            Set.of(
                    ExitCode.DIVERGED.number(),
                    ExitCode.SHARD_FAILED.number(),
                    ExitCode.DISPUTED.number(),
                    ExitCode.NO_WORKERS.number(),
                    ExitCode.INTERNAL.number());

    private static final double NANOS = 1e9;

    private final Path file;
    private final Study study;
    private final List<PlannedRun> runs;
    private final StudyFolder folder;
    private final StudyResults results;
    private final PrintStream out;
    private final long startNanos = System.nanoTime();

    /** The first run loads the program; what is left is estimated from those behind it. */
    private long warmNanos = startNanos;

    private long firstEndNanos;
    private long warmSteps;
    private int ended;

    /**
     * Makes a runner.
     *
     * @param file of the study
     * @param runs all of its runs
     * @param out is told of each run that ends
     */
    StudyRunner(
            Path file, Study study, List<PlannedRun> runs, StudyFolder folder, PrintStream out) {
        this.file = file;
        this.study = study;
        this.runs = List.copyOf(runs);
        this.folder = folder;
        this.results = new StudyResults(folder, runs);
        this.out = out;
    }

    /** Trains what is to go, and returns how the command ends. */
    ExitCode run() {
        publish();
        for (var i = 0; i < runs.size(); i++) {
            var run = runs.get(i);
            var state = folder.state(run.name());
            if (state == RunState.DONE || state == RunState.FAILED) {
                continue;
            }
            if (ProcessEnd.isEnding()) {
                return ExitCode.TERMINATED;
            }
            var audience = new QuietRun(left(), "to go on: " + command());
            var code = train(run, state, audience);
            if (audience.isOverBudget() && audience.stoppedAt().isPresent()) {
                return budgetOver(run, audience.stoppedAt().get());
            }
            if (code == ExitCode.TERMINATED) {
                return code;
            }
            count(run);
            var rows = publish();
            out.printf("[%d/%d] %s%n", i + 1, runs.size(), describe(rows.get(i), rows));
        }
        return ExitCode.OK;
    }

    private void count(PlannedRun run) {
        ended++;
        if (ended == 2) {
            warmNanos = firstEndNanos;
            warmSteps = 0;
        }
        if (ended == 1) {
            firstEndNanos = System.nanoTime();
        }
        warmSteps += run.steps();
    }

    private ExitCode train(PlannedRun run, RunState state, QuietRun audience) {
        try {
            var read = StudyOptions.of(run.combination().options());
            read.options().run.recording.tensorBoard = true;
            // The study has a page of all runs.
            read.options().run.recording.noReport = true;
            var local = LocalRun.of(read.options(), read.command(), folder.of(run.name()));
            return state == RunState.INTERRUPTED
                    ? local.resume(audience)
                    : local.begin(true, audience);
        } catch (RuntimeException e) {
            var verdict = Failures.verdict(e);
            if (!OF_A_RUN.contains(verdict.code())) {
                throw e;
            }
            folder.failed(run.name(), verdict.line());
            if (verdict.code() == ExitCode.INTERNAL.number()) {
                throw e;
            }
            return ExitCode.CHECK_FAILED;
        }
    }

    /** Writes the report and the results anew. */
    private List<Row> publish() {
        var rows = results.rows();
        OutputFile.write(folder.path().resolve(StudyFolder.RESULTS), ResultsCsv.of(study, rows));
        OutputFile.write(folder.path().resolve(StudyFolder.REPORT), StudyReport.of(study, rows));
        return rows;
    }

    private Optional<Duration> left() {
        return study.budget()
                .map(budget -> budget.minusNanos(System.nanoTime() - startNanos))
                .map(left -> left.isNegative() ? Duration.ZERO : left);
    }

    private ExitCode budgetOver(PlannedRun run, long step) {
        var rows = publish();
        var open = openRuns(rows);
        if (open == runs.size()) {
            throw new UserException(
                    ExitCode.USAGE,
                    "the budget of %s ended before one run was over, at step %d of %d%s: raise budget, or take fewer steps; to go on: %s"
                            .formatted(
                                    text(study.budget().orElseThrow().toNanos() / NANOS),
                                    step,
                                    run.steps(),
                                    step == 0
                                            ? ""
                                            : "; one run takes about "
                                                    + text(seconds() / step * run.steps()),
                                    command()));
        }
        out.printf(
                "the budget is over: %d of %d runs are to go; to go on: %s%n",
                open, runs.size(), command());
        return ExitCode.OK;
    }

    private static long openRuns(List<Row> rows) {
        return rows.stream()
                .filter(row ->
                        row.state() == RunState.QUEUED || row.state() == RunState.INTERRUPTED)
                .count();
    }

    private String command() {
        return "tutti study %s --out %s".formatted(file, folder.path());
    }

    private String describe(Row row, List<Row> rows) {
        var figure = StudyTable.of(study, rows).figure();
        var result =
                row.state() == RunState.FAILED
                        ? "failed: " + row.failure()
                        : row.figure(figure)
                                .map(value ->
                                        "%s %.4f".formatted(StudyTable.FIGURES.get(figure), value))
                                .orElse("done");
        return "%s: %s%s".formatted(row.run().combination().label(), result, timeLeft(rows));
    }

    private String timeLeft(List<Row> rows) {
        var steps =
                rows.stream()
                        .filter(row ->
                                row.state() == RunState.QUEUED
                                        || row.state() == RunState.INTERRUPTED)
                        .mapToLong(row -> row.run().steps())
                        .sum();
        return steps == 0
                ? ""
                : "; about %s left"
                        .formatted(
                                text(
                                        (System.nanoTime() - warmNanos)
                                                / NANOS
                                                / Math.max(1, warmSteps)
                                                * steps));
    }

    private double seconds() {
        return (System.nanoTime() - startNanos) / NANOS;
    }

    private static String text(double seconds) {
        return seconds < 60
                ? "%.1f s".formatted(seconds)
                : "%d min %02d s".formatted((int) seconds / 60, (int) seconds % 60);
    }
}
