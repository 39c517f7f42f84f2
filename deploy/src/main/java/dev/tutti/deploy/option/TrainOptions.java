package dev.tutti.deploy.option;

import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code tutti train}: what to train, and by which workers of this machine. */
public final class TrainOptions {
    @Mixin public RunOptions run = new RunOptions();
    @Mixin public CarrierOption carrier = new CarrierOption();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "workers in all; default: one for each core, but at least 2")
    public Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--processes",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "worker processes to spread them over; 0 keeps them in this one; default: ${DEFAULT-VALUE}")
    public int processes;

    @Option(
            names = "--chaos",
            paramLabel = "FAULTS",
            description =
                    "faults that strike the run, such as \"kill(worker=2,step=30),join(step=40)\", or random(seed=7,faults=20); needs --processes")
    public Optional<String> chaos = Optional.empty();
}
