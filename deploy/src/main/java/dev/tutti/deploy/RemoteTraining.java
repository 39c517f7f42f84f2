package dev.tutti.deploy;

import dev.tutti.proto.Carrier;
import dev.tutti.proto.Transport;

/**
 * A run whose workers come from anywhere.
 *
 * @param address for the workers; port 0 takes a free one
 * @param minWorkers workers to wait for before the first step
 * @param carrier how payloads travel
 */
record RemoteTraining(Address address, int minWorkers, Carrier carrier) {
    /** Checks what the user wants. */
    static RemoteTraining of(String listen, int minWorkers, Carrier carrier) {
        PreparedRun.requirePositive("--min-workers", minWorkers);
        return new RemoteTraining(Address.parse("--listen", listen), minWorkers, carrier);
    }

    /** Runs until the outcome is printed. */
    ExitCode run(Training training, PreparedRun run) {
        return training.run(
                run,
                new Transport.Network(address.host(), address.port(), carrier),
                (_, coordinator, progress) -> {
                    Training.warnOfIdleWorkers(run, minWorkers, progress);
                    progress.line(
                            "listening on %s:%d for %d worker(s)"
                                    .formatted(address.host(), coordinator.port(), minWorkers));
                    return () -> {};
                });
    }
}
