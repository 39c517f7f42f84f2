package dev.tutti.deploy.run;

import dev.tutti.deploy.cli.Address;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.ground.RunNeed;
import dev.tutti.deploy.option.AccessOptions;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Transport;
import dev.tutti.proto.access.Access;

/**
 * A run whose workers come from anywhere.
 *
 * @param address for the workers; port 0 takes a free one
 * @param startWorkers workers to wait for before the first step
 * @param carrier how payloads travel
 * @param access what a worker must show
 */
public record RemoteTraining(Address address, int startWorkers, Carrier carrier, Access access) {
    /** Checks what the user wants. */
    public static RemoteTraining of(
            String listen, int startWorkers, Carrier carrier, AccessOptions options) {
        Require.positive("--start-workers", startWorkers);
        var address = Address.parse("--listen", listen);
        return new RemoteTraining(address, startWorkers, carrier, options.of("--listen", address));
    }

    /** Returns who computes. */
    public RunNeed.Crew crew() {
        return RunNeed.Crew.elsewhere(startWorkers, carrier);
    }

    /** Runs until the outcome is printed. */
    public ExitCode run(RunLaunch launch, PreparedRun run) {
        return launch.run(
                run,
                new Transport.Network(address.host(), address.port(), carrier, access),
                (_, coordinator, progress) -> {
                    RunLaunch.warnOfIdleWorkers(run, startWorkers, progress);
                    progress.line(
                            "listening on %s:%d for %d worker(s)"
                                    .formatted(address.host(), coordinator.port(), startWorkers));
                    return () -> {};
                });
    }
}
