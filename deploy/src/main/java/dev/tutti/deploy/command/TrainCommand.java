package dev.tutti.deploy.command;

import dev.tutti.deploy.local.LocalRun;
import dev.tutti.deploy.option.TrainOptions;
import dev.tutti.deploy.run.PrintedRun;
import dev.tutti.deploy.run.RunDirectory;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
    @Mixin private TrainOptions options = new TrainOptions();
    @Spec private CommandSpec command = CommandSpec.create();

    @Override
    public Integer call() {
        var directory = RunDirectory.choose(options.run.out, options.run.data);
        return LocalRun.of(options, command, directory)
                .begin(options.run.out.isPresent(), new PrintedRun(options.run.json))
                .number();
    }
}
