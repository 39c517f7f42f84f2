package dev.tutti.deploy.command;

import dev.tutti.deploy.option.AccessOptions;
import dev.tutti.deploy.option.CarrierOption;
import dev.tutti.deploy.option.CheckOption;
import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.deploy.run.PreparedRun;
import dev.tutti.deploy.run.PrintedRun;
import dev.tutti.deploy.run.RemoteTraining;
import dev.tutti.deploy.run.RunDirectory;
import dev.tutti.deploy.run.RunLaunch;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tutti coordinator}: a run whose workers come from anywhere. */
@Command(
        name = "coordinator",
        description = "Coordinates a run whose workers are started elsewhere.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  tutti coordinator --listen 0.0.0.0:4700 --certs certs/host1 --start-workers 2",
            "  then, on each machine: tutti worker --coordinator host1:4700 --certs DIR"
        })
public final class CoordinatorCommand implements Callable<Integer> {
    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            required = true,
            description = "address for the workers; port 0 takes a free one")
    private String listen = "";

    @Option(
            names = "--start-workers",
            paramLabel = "N",
            description = "workers to wait for before the first step; default: as --min-workers")
    private Optional<Integer> startWorkers = Optional.empty();

    @Mixin private AccessOptions access = new AccessOptions();
    @Mixin private RunOptions options = new RunOptions();
    @Mixin private CarrierOption carrier = new CarrierOption();
    @Mixin private CheckOption check = new CheckOption();
    @Spec private CommandSpec command = CommandSpec.create();

    @Override
    public Integer call() {
        options.kernel.requireName();
        var awaited = startWorkers.orElse(options.minWorkers);
        var remote = RemoteTraining.of(listen, awaited, carrier.carrier, access);
        var directory = RunDirectory.choose(options.out, options.data);
        var run = PreparedRun.of(options, directory, awaited, remote.crew());
        if (check.only) {
            return check.ground(remote.address(), directory).number();
        }
        var keeping = options.checkpoints.keeping(ConfigFile.write(command));
        try (var place = RunDirectory.claim(directory, options.out.isPresent(), keeping)) {
            return remote.run(
                            new RunLaunch(
                                    options.kernel::choose,
                                    new PrintedRun(options.json),
                                    options.recording),
                            run.in(place.path(), keeping))
                    .number();
        }
    }
}
