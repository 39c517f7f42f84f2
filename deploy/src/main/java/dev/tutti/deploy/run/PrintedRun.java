package dev.tutti.deploy.run;

import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.run.Part;
import dev.tutti.coordinator.record.RunOutcome;
import dev.tutti.coordinator.record.RunReport;
import dev.tutti.coordinator.record.RunSummary;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.report.NoBetter;
import dev.tutti.deploy.report.ReportTable;
import dev.tutti.deploy.report.html.RunsReport;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run for a person: progress on standard error, its figures on standard output.
 *
 * @param json whether the figures are printed as JSON
 */
public record PrintedRun(boolean json) implements RunAudience {
    @Override
    public PrintStream progress() {
        return System.err;
    }

    @Override
    public ExitCode ended(RunOutcome outcome, Path directory) {
        return switch (outcome) {
            case RunOutcome.Completed(var summary, var folder) -> {
                if (json) {
                    System.out.println(summary.toJson());
                } else {
                    print(summary, folder);
                }
                noBetter(summary).ifPresent(System.err::println);
                yield ExitCode.OK;
            }
            case RunOutcome.Unwritten(var reason, var resumable) -> {
                System.err.printf(
                        "tutti: the run is over, but its results cannot be written: %s; %s%n",
                        reason,
                        resumable
                                .map(folder ->
                                        "make room and write them with: tutti resume " + folder)
                                .orElse(
                                        "no checkpoint is on the disk either: make room, or name another disk with --rescue, and train again"));
                yield ExitCode.OUTPUT;
            }
            case RunOutcome.Aborted(var kind, var reason, var resumable) ->
                    throw new UserException(
                            switch (kind) {
                                case NO_WORKERS -> ExitCode.NO_WORKERS;
                                case DIVERGED -> ExitCode.DIVERGED;
                                case SHARD_FAILED -> ExitCode.SHARD_FAILED;
                                case DISPUTED -> ExitCode.DISPUTED;
                            },
                            kind == Decision.Failure.DIVERGED
                                    ? reason
                                    : "%s; %s".formatted(reason, goingOn(resumable, directory)));
            case RunOutcome.Stopped(var step, var failure, var resumable) -> {
                System.err.printf(
                        "stopped after step %d%s; %s%n",
                        step,
                        failure.map(reason -> ", without a checkpoint of it: " + reason).orElse(""),
                        goingOn(resumable, directory));
                yield ExitCode.TERMINATED;
            }
        };
    }

    private static String goingOn(Optional<Path> resumable, Path directory) {
        return resumable
                .map(folder -> "to go on: tutti resume " + folder)
                .orElseGet(() ->
                        "there is no checkpoint to go on with; to begin again: tutti train --config %s --out ANOTHER"
                                .formatted(directory.resolve(RunDirectory.CONFIGURATION)));
    }

    private static Optional<String> noBetter(RunSummary summary) {
        var figures = summary.figures();
        var loss = figures.loss(Part.TEST);
        var shown = loss == null ? figures.loss(Part.VALIDATION) : loss;
        return Optional.ofNullable(summary.report())
                .flatMap(report ->
                        NoBetter.line(
                                "the %s samples".formatted(report.part()),
                                Losses.CATALOGUE.parse(summary.spec().loss()),
                                report.figures(),
                                shown == null ? Double.NaN : shown,
                                summary.baseline()));
    }

    private static void print(RunSummary summary, Path directory) {
        var figures = summary.figures();
        System.out.printf(
                "trained   %d steps, %d epochs, %d samples in %.1f s (%.0f samples/s, step p50 %.2f ms, p95 %.2f ms)%n",
                figures.steps(),
                figures.epochs(),
                figures.samples(),
                figures.times().seconds(),
                figures.times().samplesPerSecond(),
                figures.times().millisAt(0.5),
                figures.times().millisAt(0.95));
        if (figures.virtualSeconds() != null) {
            System.out.printf(
                    "clock     %.1f virtual seconds, %.1f steps a virtual second%n",
                    figures.virtualSeconds(), figures.steps() / figures.virtualSeconds());
        }
        System.out.printf(
                "workers   %d, %d lost, %d shards reassigned; every sample counted %s: %s%n",
                figures.workers(),
                figures.lostWorkers(),
                figures.reassignedShards(),
                summary.spec().syncMode().isWhole() ? "once" : "as the schedule has it",
                figures.ledgerExact() ? "yes" : "NO");
        if (figures.isAudited()) {
            System.out.printf(
                    "audits    %d shards compared, %d differences, %d processes expelled; %d not compared for want of a second process%n",
                    figures.audits(),
                    figures.auditDifferences(),
                    figures.expelled().size(),
                    figures.auditsAlone());
            figures.expelled().forEach(line -> System.out.println("          " + line));
        }
        print("train", figures.trainLoss(), null);
        print("valid", figures.loss(Part.VALIDATION), figures.accuracy(Part.VALIDATION));
        print("test", figures.loss(Part.TEST), figures.accuracy(Part.TEST));
        if (summary.report() != null) {
            print(summary.report(), directory);
        }
        System.out.printf("weights   %s%n", summary.weightsDigest());
        System.out.printf("run       %s%n", directory);
        var page = directory.resolve(RunsReport.FILE);
        if (Files.exists(page)) {
            System.out.printf("page      %s%n", page);
        }
    }

    private static void print(RunReport report, Path directory) {
        System.out.printf("report    %d %s samples%n", report.figures().samples(), report.part());
        ReportTable.lines(report.figures(), "all are in " + directory.resolve("summary.json"))
                .forEach(line -> System.out.println("          " + line));
    }

    private static void print(String part, @Nullable Double loss, @Nullable Double accuracy) {
        if (loss != null) {
            System.out.printf(
                    "%-9s loss %.4f%s%n",
                    part, loss, accuracy == null ? "" : ", accuracy %.4f".formatted(accuracy));
        }
    }
}
