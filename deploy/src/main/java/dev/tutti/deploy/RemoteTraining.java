package dev.tutti.deploy;

import dev.tutti.proto.Carrier;
import dev.tutti.proto.Transport;
import dev.tutti.proto.access.Access;

/**
 * A run whose workers come from anywhere.
 *
 * @param address for the workers; port 0 takes a free one
 * @param minWorkers workers to wait for before the first step
 * @param carrier how payloads travel
 * @param access what a worker must show
 */
record RemoteTraining(Address address, int minWorkers, Carrier carrier, Access access) {
    /** Checks what the user wants. */
    static RemoteTraining of(
            String listen, int minWorkers, Carrier carrier, AccessOptions options) {
        PreparedRun.requirePositive("--min-workers", minWorkers);
        var address = Address.parse("--listen", listen);
        return new RemoteTraining(
                address, minWorkers, carrier, options.of("--listen", address));
    }

    /** Runs until the outcome is printed. */
    ExitCode run(Training training, PreparedRun run) {
        return training.run(
                run,
                new Transport.Network(address.host(), address.port(), carrier, access),
                (_, coordinator, progress) -> {
                    Training.warnOfIdleWorkers(run, minWorkers, progress);
                    progress.line(
                            "listening on %s:%d for %d worker(s)"
                                    .formatted(address.host(), coordinator.port(), minWorkers));
                    return () -> {};
                });
    }
}
