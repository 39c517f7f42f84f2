package dev.tutti.deploy;

import dev.tutti.coordinator.CheckpointPolicy;
import picocli.CommandLine.Option;

/** How often a run takes checkpoints; part of no bit. */
final class CheckpointOptions {
    @Option(
            names = "--checkpoint-every",
            paramLabel = "STEPS|SECONDSs",
            defaultValue = "30s",
            description =
                    "how often to take a checkpoint: steps such as 500, seconds such as 30s, both with a comma, or never; default: ${DEFAULT-VALUE}")
    String every = "";

    @Option(
            names = "--checkpoints-kept",
            paramLabel = "K",
            defaultValue = "3",
            description = "newest checkpoints that stay; default: ${DEFAULT-VALUE}")
    int kept;

    CheckpointPolicy policy() {
        PreparedRun.requirePositive("--checkpoints-kept", kept);
        try {
            return CheckpointPolicy.parse(every, kept);
        } catch (IllegalArgumentException e) {
            throw new UserException(ExitCode.USAGE, "--checkpoint-every " + e.getMessage());
        }
    }
}
