package dev.tutti.deploy.bench;

import picocli.CommandLine.Command;

/** {@code tutti bench}: measurements that anyone can repeat. */
@Command(
        name = "bench",
        description = "Measures; each measurement prints a table, or JSON.",
        mixinStandardHelpOptions = true,
        subcommands = {
            BackpropBench.class,
            KernelsBench.class,
            TrainBench.class,
            AverageBench.class
        },
        synopsisSubcommandLabel = "MEASUREMENT")
public final class BenchCommand {}
