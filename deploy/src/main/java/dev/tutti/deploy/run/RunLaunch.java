package dev.tutti.deploy.run;

import akka.actor.typed.ActorSystem;
import dev.tutti.common.chaos.StruckFault;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.coordinator.Coordinator;
import dev.tutti.coordinator.record.RunObserver;
import dev.tutti.coordinator.record.RunOutcome;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.OutputFile;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.export.TensorBoardLog;
import dev.tutti.deploy.option.RecordingOptions;
import dev.tutti.deploy.process.Actors;
import dev.tutti.deploy.process.Logs;
import dev.tutti.deploy.process.ProcessEnd;
import dev.tutti.deploy.process.StopSignal;
import dev.tutti.deploy.report.html.RecordedRun;
import dev.tutti.deploy.report.html.RunsReport;
import dev.tutti.proto.Transport;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One run, from the prepared start to its end; {@code train}, {@code coordinator} and studies share
 * it.
 *
 * @param kernel computes the report at the end
 * @param audience is told of the run
 * @param recording what the run leaves for its readers
 */
public record RunLaunch(Supplier<Kernel> kernel, RunAudience audience, RecordingOptions recording) {
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
     * Runs until the outcome is there, and the audience knows it.
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
            if (outcome instanceof RunOutcome.Completed(_, var folder)) {
                writeReport(folder);
            }
            return audience.ended(outcome, directory);
        } finally {
            system.terminate();
        }
    }

    /** A page that cannot be written is no reason to lose the end of a run. */
    private void writeReport(Path folder) {
        var page = folder.resolve(RunsReport.FILE);
        try {
            // An older page is not of this run's end.
            Files.deleteIfExists(page);
            if (!recording.noReport) {
                OutputFile.write(page, RunsReport.of(List.of(RecordedRun.read(folder))));
            }
        } catch (IOException | UserException e) {
            System.err.printf("tutti: the run has no report: %s%n", Reason.of(e));
        }
    }

    private RunOutcome showing(
            PreparedRun run,
            Transport transport,
            WorkerStart workers,
            ActorSystem<?> system,
            StopSignal signal) {
        try (var progress =
                Progress.start(
                        audience.progress(),
                        run.dataset().labelled(),
                        run.plan().steps(),
                        run.epochs(),
                        run.firstStep())) {
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
            audience.started(coordinator);
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
                    observers(run, workers, progress),
                    new ResultReport(run, kernel),
                    kernel,
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
    private List<RunObserver> observers(PreparedRun run, WorkerStart workers, Progress progress) {
        var observers = new ArrayList<RunObserver>(List.of(progress));
        if (recording.tensorBoard) {
            observers.add(
                    new TensorBoardLog(
                            run.plan().directory(),
                            run.dataset().labelled(),
                            run.firstStep(),
                            InstantSource.system(),
                            progress::warned));
        }
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
        if (!spec.compressor().isNeutral()) {
            progress.line(
                    "gradients travel as %s: the weights are not those of one worker with the whole batch (law 1); they have the same bits for any number of workers"
                            .formatted(spec.compress()));
        }
        if (!spec.changeCompressor().isNeutral()) {
            progress.line(
                    "changes of the weights travel as %s: workers compute with what these add up to, and the run saves the weights themselves"
                            .formatted(spec.compressDown()));
        }
        averaging.attackLine(spec.shards()).ifPresent(progress::line);
        if (run.plan().auditing().isOn()) {
            progress.line(AuditChoice.line(run.plan().auditing()));
        }
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
