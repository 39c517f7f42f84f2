package dev.tutti.deploy.command;

import dev.tutti.deploy.cli.Address;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.ground.GroundCheck;
import dev.tutti.deploy.local.Chaos;
import dev.tutti.deploy.machine.LoadingKernel;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.machine.ThisProcess;
import dev.tutti.deploy.option.AccessOptions;
import dev.tutti.deploy.option.CarrierOption;
import dev.tutti.deploy.option.KernelOption;
import dev.tutti.deploy.option.NameOption;
import dev.tutti.deploy.process.Actors;
import dev.tutti.deploy.process.Farewell;
import dev.tutti.deploy.process.Logs;
import dev.tutti.deploy.process.ProcessEnd;
import dev.tutti.proto.Transport;
import dev.tutti.proto.shared.SharedRun;
import dev.tutti.worker.WorkerConfig;
import dev.tutti.worker.WorkerOutcome;
import dev.tutti.worker.WorkerProcess;
import dev.tutti.worker.data.FetchedData;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tutti worker}: a process of workers for a coordinator elsewhere. */
@Command(
        name = "worker",
        description = "Computes for a coordinator, until its run is over.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  tutti worker --coordinator 127.0.0.1:4700",
            "  tutti worker --coordinator host1:4700 --certs certs/host2 --workers 8",
            "",
            "On SIGTERM or SIGINT it finishes what it has begun, returns the rest and leaves."
        })
public final class WorkerCommand implements Callable<Integer> {
    @Option(
            names = "--coordinator",
            paramLabel = "HOST:PORT",
            required = true,
            description = "the address that the coordinator printed")
    private String coordinator = "";

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "1",
            description = "workers in this process, one thread each; default: ${DEFAULT-VALUE}")
    private int workers;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description =
                    "where this machine has the data; otherwise it is taken from the cache, or fetched")
    private Optional<String> data = Optional.empty();

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description =
                    "how long to try to reach a coordinator that does not answer; default: ${DEFAULT-VALUE}")
    private int patienceSeconds;

    @Mixin private NameOption name = new NameOption();
    @Mixin private AccessOptions access = new AccessOptions();
    @Mixin private KernelOption kernel = new KernelOption();
    @Mixin private CarrierOption carrier = new CarrierOption();

    @Option(names = "--log", paramLabel = "FILE", description = "log to this file")
    private Optional<Path> log = Optional.empty();

    @Override
    public Integer call() {
        Require.positive("--workers", workers);
        Require.positive("--patience", patienceSeconds);
        name.check();
        ThisProcess.requireAcceptable(workers);
        var address = Address.ofPeer("--coordinator", coordinator);
        var shown = access.of("--coordinator", address);
        log.ifPresent(Logs::toFile);
        var loading = LoadingKernel.of(kernel::choose, workers, name::host);
        var system = Actors.system();
        try (var farewell = Farewell.onSignal()) {
            var config =
                    new WorkerConfig(
                                    new Transport.Network(
                                            address.host(), address.port(), carrier.carrier, shown),
                                    loading.process(),
                                    loading.kernel(),
                                    new FetchedData(LocalData.cache(), LocalData.sources(), data),
                                    Duration.ofSeconds(patienceSeconds))
                            .on(GroundCheck::shortage);
            var outcome =
                    WorkerProcess.start(
                                    system,
                                    "worker-process",
                                    Chaos.within(config),
                                    farewell.wanted())
                            .toCompletableFuture();
            farewell.end(outcome);
            return report(ProcessEnd.await(outcome)).number();
        } finally {
            system.terminate();
            // A coordinator that was killed could not do it.
            SharedRun.removeLeftOvers();
        }
    }

    static ExitCode report(WorkerOutcome outcome) {
        if (outcome.kind() == WorkerOutcome.Kind.COMPLETE) {
            System.err.println("the run is complete");
            return ExitCode.OK;
        }
        if (outcome.kind() == WorkerOutcome.Kind.LEFT) {
            System.err.println(outcome.reason());
            return ExitCode.OK;
        }
        throw new UserException(
                switch (outcome.kind()) {
                    case COMPLETE, LEFT -> ExitCode.OK;
                    case ABORTED -> ExitCode.ABORTED;
                    case UNREACHABLE -> ExitCode.UNREACHABLE;
                    case REFUSED -> ExitCode.REFUSED;
                    case DATA -> ExitCode.DATA;
                    case RESOURCES -> ExitCode.RESOURCES;
                },
                outcome.reason());
    }
}
