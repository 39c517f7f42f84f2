package dev.tutti.deploy;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tutti train}: the coordinator and all workers on this machine. */
@Command(
        name = "train",
        description = "Trains on this machine, with any number of workers.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  tutti train",
            "  tutti train --data fashion-mnist --model \"dense(256),relu,dense(128),relu,dense\" --epochs 10",
            "  tutti train --data iris.csv --targets species --standardize --epochs 100",
            "  tutti train --workers 4 --processes 2 --shards 8 --json"
        })
final class TrainCommand implements Callable<Integer> {
    @Mixin private RunOptions options = new RunOptions();
    @Mixin private CarrierOption carrier = new CarrierOption();
    @Spec private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "workers in all; default: one for each core, but at least 2")
    private Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--processes",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "worker processes to spread them over; 0 keeps them in this one; default: ${DEFAULT-VALUE}")
    private int processes;

    @Override
    public Integer call() {
        var local = LocalTraining.of(workers, processes, carrier.carrier);
        var directory = RunDirectory.choose(options.out, options.data);
        var run = PreparedRun.of(options, directory, local.workers());
        return local.run(new Training(options, command), run, options.kernel).number();
    }
}
