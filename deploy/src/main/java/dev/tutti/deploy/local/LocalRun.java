package dev.tutti.deploy.local;

import dev.tutti.common.chaos.FaultPlan;
import dev.tutti.common.chaos.FaultSource;
import dev.tutti.coordinator.checkpoint.Safekeeping;
import dev.tutti.coordinator.checkpoint.StoppedRun;
import dev.tutti.coordinator.file.RunLock;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.ground.RunNeed;
import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.option.RecordingOptions;
import dev.tutti.deploy.option.TrainOptions;
import dev.tutti.deploy.run.PreparedRun;
import dev.tutti.deploy.run.RunAudience;
import dev.tutti.deploy.run.RunDirectory;
import dev.tutti.deploy.run.RunLaunch;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A run on this machine whose options fit together: what {@code tutti train} and a study start.
 *
 * @param training who computes
 * @param run what is trained; its folder need not exist
 * @param keeping the options as the run's folder keeps them
 * @param recording what the run leaves for its readers
 */
public record LocalRun(
        LocalTraining training, PreparedRun run, Safekeeping keeping, RecordingOptions recording) {
    /**
     * Reads the data, checks all options, and begins to load what computes.
     *
     * @param command whose options these are
     * @param directory where the run is to go
     */
    public static LocalRun of(TrainOptions options, CommandSpec command, Path directory) {
        var training =
                LocalTraining.of(
                        options.workers,
                        options.processes,
                        options.carrier.carrier,
                        options.run.kernel);
        var run = prepare(options, directory, training.workers());
        var size = new FaultSource.RunSize(options.processes, run.plan().steps());
        var faults = options.chaos.map(text -> FaultPlan.of(text, size)).orElse(FaultPlan.NONE);
        // What was drawn is written down, not how: the run can be resumed with other processes.
        options.chaos = options.chaos.map(_ -> faults.toString());
        return new LocalRun(
                training.with(faults),
                run,
                options.run.checkpoints.keeping(ConfigFile.write(command)),
                options.run.recording);
    }

    /** Reads the data and checks all options, but loads nothing that computes. */
    public static PreparedRun check(TrainOptions options, Path directory) {
        var workers = LocalTraining.count(options.workers, options.processes, options.run.kernel);
        var run = prepare(options, directory, workers);
        var size = new FaultSource.RunSize(options.processes, run.plan().steps());
        options.chaos.ifPresent(text -> FaultPlan.of(text, size));
        return run;
    }

    private static PreparedRun prepare(TrainOptions options, Path directory, int workers) {
        Require.that(
                options.chaos.isEmpty() || options.processes > 0,
                "--chaos strikes worker processes: give --processes too");
        return PreparedRun.of(
                options.run,
                directory,
                workers,
                RunNeed.Crew.here(workers, options.processes, options.carrier.carrier));
    }

    /**
     * Begins the run, and waits for its end.
     *
     * @param wanted whether the user named the folder
     */
    public ExitCode begin(boolean wanted, RunAudience audience) {
        try (var place = RunDirectory.claim(run.plan().directory(), wanted, keeping)) {
            return training.run(launch(audience), run.in(place.path(), keeping));
        }
    }

    /** Goes on with the run from its newest checkpoint, and waits for its end. */
    public ExitCode resume(RunAudience audience) {
        var directory = run.plan().directory();
        try (var _ = RunLock.take(directory)) {
            var stopped = StoppedRun.open(directory);
            run.requireSameBits(stopped);
            return training.run(launch(audience), run.in(directory, keeping).resuming(stopped));
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "cannot go on in %s: %s".formatted(directory, Reason.of(e, directory)));
        }
    }

    private RunLaunch launch(RunAudience audience) {
        return new RunLaunch(training.loading()::kernel, audience, recording);
    }
}
