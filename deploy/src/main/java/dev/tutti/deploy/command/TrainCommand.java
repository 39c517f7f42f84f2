package dev.tutti.deploy.command;

import dev.tutti.common.chaos.FaultPlan;
import dev.tutti.common.chaos.FaultSource;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.local.LocalTraining;
import dev.tutti.deploy.option.CarrierOption;
import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.deploy.run.PreparedRun;
import dev.tutti.deploy.run.RunDirectory;
import dev.tutti.deploy.run.RunLaunch;
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
            "  tutti train --workers 4 --processes 2 --shards 8 --json",
            "  tutti train --workers 3 --processes 3 --chaos \"kill(worker=1,step=300),join(step=400)\"",
            "",
            "Faults of --chaos; a worker is a worker process, by the number that its log has:",
            "  kill(worker,step)  pause(worker,step,seconds=5)  leave(worker,step)  join(step)",
            "  slow(worker,step,times=10,steps=10)  drop-link(worker,step)  duplicate(worker,step)",
            "  corrupt(worker,step)  nan(worker,step)  kill-coordinator(step): then tutti resume",
            "  random(seed,faults=10): any of them but the last"
        })
public final class TrainCommand implements Callable<Integer> {
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

    @Option(
            names = "--chaos",
            paramLabel = "FAULTS",
            description =
                    "faults that strike the run, such as \"kill(worker=2,step=30),join(step=40)\", or random(seed=7,faults=20); needs --processes")
    private Optional<String> chaos = Optional.empty();

    @Override
    public Integer call() {
        var local = LocalTraining.of(workers, processes, carrier.carrier, options.kernel);
        Require.that(
                chaos.isEmpty() || processes > 0,
                "--chaos strikes worker processes: give --processes too");
        var directory = RunDirectory.choose(options.out, options.data);
        var run = PreparedRun.of(options, directory, local.workers(), local.crew());
        var size = new FaultSource.RunSize(processes, run.plan().steps());
        var faults = chaos.map(text -> FaultPlan.of(text, size)).orElse(FaultPlan.NONE);
        // What was drawn is written down, not how: the run can be resumed with other processes.
        chaos = chaos.map(_ -> faults.toString());
        var keeping = options.checkpoints.keeping(ConfigFile.write(command));
        try (var place = RunDirectory.claim(directory, options.out.isPresent(), keeping)) {
            return local.with(faults)
                    .run(
                            new RunLaunch(options, local.loading()::kernel),
                            run.in(place.path(), keeping))
                    .number();
        }
    }
}
