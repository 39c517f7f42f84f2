package dev.tutti.deploy.run;

import akka.actor.typed.ActorSystem;
import dev.tutti.common.chaos.StruckFault;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.coordinator.Coordinator;
import dev.tutti.coordinator.checkpoint.StoppedRun;
import dev.tutti.coordinator.record.RunObserver;
import dev.tutti.coordinator.record.RunOutcome;
import dev.tutti.coordinator.record.RunReport;
import dev.tutti.coordinator.record.RunSummary;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.deploy.process.Actors;
import dev.tutti.deploy.process.Logs;
import dev.tutti.deploy.process.ProcessEnd;
import dev.tutti.deploy.process.StopSignal;
import dev.tutti.deploy.report.NoBetter;
import dev.tutti.deploy.report.ReportTable;
import dev.tutti.proto.Transport;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One run, from the prepared start to the printed end; {@code train} and {@code coordinator} share
 * it.
 *
 * @param options what to train
 * @param kernel computes the report at the end
 */
public record RunLaunch(RunOptions options, Supplier<Kernel> kernel) {
    private static final int LOSS_CHARACTERS_MAX = 160;

    /** Starts the workers that come with a command. */
    public interface WorkerStart {
        /** Returns what ends them. */
        Workers start(ActorSystem<?> system, Coordinator coordinator, Progress progress);

        /** Returns who of them is told what happens in the run. */
        default Optional<RunObserver> observer(Progress progress) {
            return Optional.empty();
        }

        /** Returns the faults that were ordered and have struck. */
        default List<StruckFault> faults() {
            return List.of();
        }
    }

    /** Workers that a command started. */
    public interface Workers extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Runs until the outcome is there and prints it.
     *
     * @param run to begin, or to go on with; the caller has the lock of its folder
     * @param transport where workers come from
     */
    public ExitCode run(PreparedRun run, Transport transport, WorkerStart workers) {
        var directory = run.plan().directory();
        Logs.toFile(directory.resolve("logs").resolve("coordinator.log"));
        var system = Actors.system();
        try (var signal = StopSignal.listen()) {
            var outcome = showing(run, transport, workers, system, signal);
            return report(outcome, directory);
        } finally {
            system.terminate();
        }
    }

    private RunOutcome showing(
            PreparedRun run,
            Transport transport,
            WorkerStart workers,
            ActorSystem<?> system,
            StopSignal signal) {
        var firstStep = run.plan().from().map(StoppedRun::step).orElse(0L);
        try (var progress =
                Progress.start(
                        run.dataset().labelled(),
                        run.plan().steps(),
                        run.stepsPerEpoch(),
                        firstStep)) {
            introduce(run, progress);
            return outcome(run, transport, workers, system, progress, signal);
        }
    }

    private RunOutcome outcome(
            PreparedRun run,
            Transport transport,
            WorkerStart workers,
            ActorSystem<?> system,
            Progress progress,
            StopSignal signal) {
        try (var coordinator = started(run, transport, workers, system, progress);
                var _ = workers.start(system, coordinator, progress)) {
            signal.stops(coordinator::stop);
            return ProcessEnd.await(coordinator.outcome());
        }
    }

    private Coordinator started(
            PreparedRun run,
            Transport transport,
            WorkerStart workers,
            ActorSystem<?> system,
            Progress progress) {
        try {
            return Coordinator.start(
                    system,
                    run.plan(),
                    run.dataset(),
                    run.file(),
                    List.of(transport),
                    observers(workers, progress),
                    new ResultReport(run, kernel),
                    workers::faults);
        } catch (IOException e) {
            if (run.plan().from().isEmpty()) {
                Logs.close();
                RunDirectory.discard(run.plan().directory());
            }
            throw e instanceof FileSystemException
                    ? new UserException(
                            ExitCode.OUTPUT,
                            "cannot write to %s: %s"
                                    .formatted(
                                            run.plan().directory(),
                                            Reason.of(e, run.plan().directory())))
                    : UserException.of(
                            e,
                            ExitCode.ADDRESS,
                            "cannot listen on %s: %s; give another address"
                                    .formatted(transport.address(), Reason.of(e)));
        }
    }

    /** Returns who is told what happens in the run. */
    private static List<RunObserver> observers(WorkerStart workers, Progress progress) {
        var observers = new ArrayList<RunObserver>(List.of(progress));
        workers.observer(progress).ifPresent(observers::add);
        return observers;
    }

    private static void introduce(PreparedRun run, Progress progress) {
        var spec = run.spec();
        progress.line(
                "%s: %d samples of %s, %d outputs; model %s, loss %s"
                        .formatted(
                                spec.data(),
                                run.dataset().count(),
                                spec.input(),
                                spec.outputs(),
                                spec.model(),
                                shortened(spec.loss())));
        run.notes().table().forEach(progress::line);
        run.notes().decided().ifPresent(progress::line);
        run.notes().understood().forEach(progress::line);
        progress.line(
                "%d steps%s in %d shards; the run is in %s"
                        .formatted(
                                run.plan().steps(),
                                stepOf(run),
                                spec.shards(),
                                run.plan().directory()));
        introduce(spec, progress);
        var averaging = spec.averaging();
        averaging.givesUp().ifPresent(progress::line);
        averaging.attackLine(spec.shards()).ifPresent(progress::line);
        run.notes().warnings().forEach(progress::warned);
        run.plan()
                .from()
                .ifPresent(stopped -> {
                    stopped.damaged().forEach(progress::warned);
                    progress.line("going on after %s".formatted(stopped.file()));
                });
    }

    private static String stepOf(PreparedRun run) {
        var spec = run.spec();
        var batch =
                "%d samples%s"
                        .formatted(
                                run.stepSamples(),
                                run.stepSamples() < spec.batch()
                                        ? " (all there are for training)"
                                        : "");
        return isPlain(spec) ? " of " + batch : "; batches of " + batch;
    }

    /** Tells whether a step is a batch, as it is unless a mode says otherwise. */
    private static boolean isPlain(RunSpec spec) {
        return spec.syncMode().isWhole() && !spec.syncMode().isLocal();
    }

    /** Says who is waited for, unless it is everybody. */
    private static void introduce(RunSpec spec, Progress progress) {
        if (isPlain(spec)) {
            return;
        }
        progress.line("%s: %s".formatted(spec.sync(), spec.syncMode().describe(spec.shards())));
        spec.syncMode().givesUp().ifPresent(law -> progress.line("it gives up " + law));
    }

    /** The weights of a thousand classes would fill the terminal. */
    private static String shortened(String text) {
        return text.length() <= LOSS_CHARACTERS_MAX
                ? text
                : text.substring(0, LOSS_CHARACTERS_MAX) + "…";
    }

    private ExitCode report(RunOutcome outcome, Path directory) {
        return switch (outcome) {
            case RunOutcome.Completed(var summary, var folder) -> {
                if (options.json) {
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
        print("train", figures.trainLoss(), null);
        print("valid", figures.loss(Part.VALIDATION), figures.accuracy(Part.VALIDATION));
        print("test", figures.loss(Part.TEST), figures.accuracy(Part.TEST));
        if (summary.report() != null) {
            print(summary.report(), directory);
        }
        System.out.printf("weights   %s%n", summary.weightsDigest());
        System.out.printf("run       %s%n", directory);
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

    /** Tells of workers that the shards are too few for. */
    public static void warnOfIdleWorkers(PreparedRun run, int count, Progress progress) {
        var busy = Math.min(run.spec().shards(), run.stepSamples());
        if (count > busy) {
            progress.warned(
                    "%d workers share %d shards with %d samples: %d will be idle%s"
                            .formatted(
                                    count,
                                    run.spec().shards(),
                                    run.stepSamples(),
                                    count - busy,
                                    count <= run.stepSamples()
                                            ? "; --shards %d would use all, and train other bits"
                                                    .formatted(count)
                                            : ""));
        }
    }
}
