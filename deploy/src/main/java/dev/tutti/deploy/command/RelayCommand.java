package dev.tutti.deploy.command;

import dev.tutti.deploy.cli.Address;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.option.AccessOptions;
import dev.tutti.deploy.option.NameOption;
import dev.tutti.deploy.process.Actors;
import dev.tutti.deploy.process.Logs;
import dev.tutti.deploy.process.ProcessEnd;
import dev.tutti.deploy.relay.Relay;
import dev.tutti.deploy.relay.RelayConfig;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Transport;
import dev.tutti.proto.failure.Reason;
import dev.tutti.worker.data.FetchedData;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tutti relay}: one worker to a coordinator, a coordinator to many workers. */
@Command(
        name = "relay",
        description = {
            "Stands between a coordinator and workers: adds up what they send, and passes the weights on.",
            "The coordinator then has the traffic of its relays, not that of all workers."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Workers join a relay as they join a coordinator; a relay may join another.",
            "",
            "Examples:",
            "  tutti relay --coordinator host1:4700 --listen 0.0.0.0:4701",
            "  then, on the machines nearby: tutti worker --coordinator HOST:4701"
        })
public final class RelayCommand implements Callable<Integer> {
    @Option(
            names = "--coordinator",
            paramLabel = "HOST:PORT",
            required = true,
            description = "the address that the coordinator, or another relay, printed")
    private String coordinator = "";

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            required = true,
            description = "address for the workers; port 0 takes a free one")
    private String listen = "";

    @Mixin private NameOption name = new NameOption();
    @Mixin private AccessOptions access = new AccessOptions();

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description =
                    "how long to try to reach a coordinator that does not answer; default: ${DEFAULT-VALUE}")
    private int patienceSeconds;

    @Option(names = "--log", paramLabel = "FILE", description = "log to this file")
    private Optional<Path> log = Optional.empty();

    @Override
    public Integer call() {
        Require.positive("--patience", patienceSeconds);
        name.check();
        var above = Address.ofPeer("--coordinator", coordinator);
        var below = Address.parse("--listen", listen);
        var shownAbove = access.of("--coordinator", above);
        var shownBelow = access.of("--listen", below);
        log.ifPresent(Logs::toFile);
        var data = new FetchedData(LocalData.cache(), LocalData.sources(), Optional.empty());
        var config =
                new RelayConfig(
                        new Transport.Network(
                                above.host(), above.port(), Carrier.INLINE, shownAbove),
                        new Transport.Network(
                                below.host(), below.port(), Carrier.INLINE, shownBelow),
                        name.host(),
                        ProcessHandle.current().pid(),
                        data::file,
                        Duration.ofSeconds(patienceSeconds));
        var system = Actors.system();
        try (var relay = Relay.start(system, "relay", config)) {
            System.err.printf(
                    "listening on %s:%d, for %s%n",
                    below.host(), relay.port(), config.above().address());
            return WorkerCommand.report(ProcessEnd.await(relay.outcome())).number();
        } catch (IOException e) {
            throw UserException.of(
                    e,
                    ExitCode.ADDRESS,
                    "cannot listen on %s: %s; give another address"
                            .formatted(config.below().address(), Reason.of(e)));
        } finally {
            system.terminate();
        }
    }
}
