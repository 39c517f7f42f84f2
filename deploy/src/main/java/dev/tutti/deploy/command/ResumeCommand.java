package dev.tutti.deploy.command;

import dev.tutti.common.chaos.FaultPlan;
import dev.tutti.common.chaos.FaultSource;
import dev.tutti.common.data.DataException;
import dev.tutti.coordinator.checkpoint.StoppedRun;
import dev.tutti.coordinator.file.ResumeException;
import dev.tutti.coordinator.file.RunLock;
import dev.tutti.deploy.cli.Address;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.StandardInput;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.ground.RunNeed;
import dev.tutti.deploy.local.LocalTraining;
import dev.tutti.deploy.option.AccessOptions;
import dev.tutti.deploy.option.CheckOption;
import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.deploy.run.PreparedRun;
import dev.tutti.deploy.run.PrintedRun;
import dev.tutti.deploy.run.RemoteTraining;
import dev.tutti.deploy.run.RunDirectory;
import dev.tutti.deploy.run.RunLaunch;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.failure.Reason;
import dev.tutti.worker.data.source.DataOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tutti resume}: goes on with a run whose coordinator was stopped or has died. */
@Command(
        name = "resume",
        description =
                "Continues a run that was stopped, or whose coordinator died, from its newest checkpoint.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "What the weights depend on comes from the run's folder and cannot be changed.",
            "",
            "Examples:",
            "  tutti resume runs/digits-20261122-101500",
            "  tutti resume runs/digits-20261122-101500 --workers 4 --processes 2"
        })
public final class ResumeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN_DIR", description = "the run's folder")
    private Path directory = Path.of("");

    @Mixin private AccessOptions access = new AccessOptions();

    @Option(
            names = "--data",
            paramLabel = "NAME|PATH",
            description = "where the data is now, if it has moved; default: as before")
    private Optional<String> data = Optional.empty();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "train on this machine with so many workers; default: as before")
    private Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--processes",
            paramLabel = "P",
            description =
                    "worker processes to spread them over; 0 keeps them in this one; default: as before")
    private Optional<Integer> processes = Optional.empty();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description =
                    "wait for workers at this address; default: as before, with the port that they know")
    private Optional<String> listen = Optional.empty();

    @Option(
            names = "--start-workers",
            paramLabel = "K",
            description = "workers to wait for before the first step; default: as before")
    private Optional<Integer> startWorkers = Optional.empty();

    @Option(
            names = "--carrier",
            paramLabel = "NAME",
            description = "how tensors travel: auto, shared or inline; default: as before")
    private Optional<Carrier> carrier = Optional.empty();

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "longest wait for workers; default: as before")
    private Optional<Integer> waitSeconds = Optional.empty();

    @Option(
            names = "--checkpoint-every",
            paramLabel = "STEPS|SECONDSs",
            description = "how often to take a checkpoint; default: as before")
    private Optional<String> checkpointEvery = Optional.empty();

    @Option(
            names = "--checkpoints-kept",
            paramLabel = "K",
            description = "number of newest checkpoints to keep; default: as before")
    private Optional<Integer> checkpointsKept = Optional.empty();

    @Option(
            names = "--rescue",
            paramLabel = "DIR",
            description =
                    "a folder on another disk, for results that the run's folder cannot take; default: as before")
    private Optional<Path> rescue = Optional.empty();

    @Option(
            names = "--disk-wait",
            paramLabel = "SECONDS",
            description =
                    "how long to try again to write results to a full disk; default: as before")
    private Optional<Integer> diskWaitSeconds = Optional.empty();

    @Option(
            names = "--json",
            description = "print the summary as JSON, as the last line of standard output")
    private boolean json;

    @Mixin private CheckOption check = new CheckOption();

    @Override
    public Integer call() {
        var configuration = directory.resolve(RunDirectory.CONFIGURATION);
        if (!Files.isRegularFile(configuration)) {
            throw new ResumeException(
                    "no run in %s: expected the folder that tutti train or tutti coordinator made"
                            .formatted(directory));
        }
        var before = ConfigFile.read(configuration);
        refuseBoth();
        try (var _ = RunLock.take(directory)) {
            return resume(StoppedRun.open(directory), before).number();
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "cannot go on in %s: %s".formatted(directory, Reason.of(e, directory)));
        }
    }

    private void refuseBoth() {
        if ((workers.isPresent() || processes.isPresent())
                && (listen.isPresent() || startWorkers.isPresent())) {
            throw new UserException(
                    ExitCode.USAGE,
                    "--workers and --processes are for training on this machine, --listen and --start-workers for workers from elsewhere: leave one pair out");
        }
    }

    private ExitCode resume(StoppedRun stopped, Map<String, String> before) {
        var options = options(before);
        if (isRemote(before)) {
            var remote =
                    RemoteTraining.of(
                            address(stopped, before),
                            startWorkers.orElse(
                                    number(before, "start-workers")
                                            .or(() -> number(before, "min-workers"))
                                            .orElse(1)),
                            carrier(before),
                            access.orAsBefore(before));
            var run = prepare(options, remote.startWorkers(), remote.crew(), stopped);
            return check.only
                    ? check.ground(remote.address(), directory)
                    : remote.run(
                            new RunLaunch(
                                    options.kernel::choose,
                                    new PrintedRun(json),
                                    options.recording),
                            run);
        }
        var local =
                LocalTraining.of(
                        workers.or(() -> number(before, "workers")),
                        processes.or(() -> number(before, "processes")).orElse(0),
                        carrier(before),
                        options.kernel);
        var run = prepare(options, local.workers(), local.crew(), stopped);
        var launch =
                new RunLaunch(local.loading()::kernel, new PrintedRun(json), options.recording);
        return check.only ? ExitCode.OK : local.with(faults(before, local)).run(launch, run);
    }

    /** Returns the faults of the run, for worker processes of any number. */
    private static FaultPlan faults(Map<String, String> before, LocalTraining local) {
        var text = local.processes() == 0 ? null : before.get("chaos");
        return text == null ? FaultPlan.NONE : FaultPlan.of(text, FaultSource.RunSize.ANY);
    }

    private boolean isRemote(Map<String, String> before) {
        return listen.isPresent()
                || startWorkers.isPresent()
                || (before.containsKey("listen") && workers.isEmpty() && processes.isEmpty());
    }

    /** Returns where to listen: without another wish, where the run's workers look for it. */
    private String address(StoppedRun stopped, Map<String, String> before) {
        return listen.orElseGet(() -> {
            var address = Address.parse("listen", before.getOrDefault("listen", "127.0.0.1:0"));
            var port = address.port() == 0 ? stopped.port() : address.port();
            return address.host() + ":" + port;
        });
    }

    private RunOptions options(Map<String, String> before) {
        var options = RunOptions.of(before);
        // The checkpoint has the weights.
        options.init = Optional.empty();
        waitSeconds.ifPresent(seconds -> options.waitSeconds = seconds);
        checkpointEvery.ifPresent(every -> options.checkpoints.every = every);
        checkpointsKept.ifPresent(kept -> options.checkpoints.kept = kept);
        rescue.ifPresent(folder -> options.checkpoints.rescue = Optional.of(folder));
        diskWaitSeconds.ifPresent(seconds -> options.checkpoints.diskWaitSeconds = seconds);
        data.ifPresent(source -> {
            options.dataName = Optional.of(DataOptions.nameOf(StandardInput.nameOf(options.data)));
            options.data = source;
        });
        StandardInput.requireAgain(options.data);
        return options;
    }

    private PreparedRun prepare(
            RunOptions options, int workersNeeded, RunNeed.Crew crew, StoppedRun stopped) {
        var keeping = options.checkpoints.keeping(configurationText());
        var run = opened(options, workersNeeded, crew).in(directory, keeping);
        run.requireSameBits(stopped);
        return run.resuming(stopped);
    }

    private PreparedRun opened(RunOptions options, int workersNeeded, RunNeed.Crew crew) {
        try {
            return PreparedRun.of(options, directory, workersNeeded, crew);
        } catch (DataException e) {
            throw new DataException(
                    "%s; if the data has moved, say where it is: --data PATH"
                            .formatted(e.getMessage()));
        }
    }

    /** Returns the run's configuration, for a folder that may have to take its place. */
    private String configurationText() {
        try {
            return Files.readString(directory.resolve(RunDirectory.CONFIGURATION));
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "cannot read %s: %s".formatted(directory, Reason.of(e, directory)));
        }
    }

    private Carrier carrier(Map<String, String> before) {
        var text = before.getOrDefault("carrier", Carrier.AUTO.name());
        return carrier.orElseGet(() -> Carrier.valueOf(text.toUpperCase(Locale.ROOT)));
    }

    private static Optional<Integer> number(Map<String, String> before, String key) {
        return Optional.ofNullable(before.get(key)).map(Integer::valueOf);
    }
}
