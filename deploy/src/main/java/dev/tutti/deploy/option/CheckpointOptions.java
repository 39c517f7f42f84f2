package dev.tutti.deploy.option;

import dev.tutti.coordinator.checkpoint.CheckpointPolicy;
import dev.tutti.coordinator.checkpoint.Safekeeping;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.UserException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How often a run takes checkpoints; part of no bit. */
public final class CheckpointOptions {
    @Option(
            names = "--checkpoint-every",
            paramLabel = "STEPS|SECONDSs",
            defaultValue = "30s",
            description =
                    "how often to take a checkpoint: steps such as 500, seconds such as 30s, both with a comma, or never; default: ${DEFAULT-VALUE}")
    public String every = "";

    @Option(
            names = "--checkpoints-kept",
            paramLabel = "K",
            defaultValue = "3",
            description = "number of newest checkpoints to keep; default: ${DEFAULT-VALUE}")
    public int kept;

    @Option(
            names = "--rescue",
            paramLabel = "DIR",
            description =
                    "a folder on another disk: results, and the last checkpoint, go there if the run's folder cannot take them")
    public Optional<Path> rescue = Optional.empty();

    @Option(
            names = "--disk-wait",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description =
                    "how long a run that is over tries again to write its results to a full disk; default: ${DEFAULT-VALUE}")
    public int diskWaitSeconds;

    /** Returns what happens to results that the run's folder cannot take. */
    public Safekeeping keeping(String configuration) {
        Require.notNegative("--disk-wait", diskWaitSeconds);
        return new Safekeeping(
                rescue.map(Path::toAbsolutePath),
                Duration.ofSeconds(diskWaitSeconds),
                configuration);
    }

    public CheckpointPolicy policy() {
        Require.positive("--checkpoints-kept", kept);
        try {
            return CheckpointPolicy.parse(every, kept);
        } catch (IllegalArgumentException e) {
            throw new UserException(ExitCode.USAGE, "--checkpoint-every " + e.getMessage());
        }
    }
}
