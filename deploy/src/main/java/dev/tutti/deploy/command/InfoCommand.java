package dev.tutti.deploy.command;

import dev.tutti.common.average.attack.Attacks;
import dev.tutti.common.average.mixing.Mixings;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.compress.Compressors;
import dev.tutti.common.kernel.KernelFingerprint;
import dev.tutti.common.nn.Zoo;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.Regularizers;
import dev.tutti.common.optim.Schedules;
import dev.tutti.common.partition.Partitions;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.run.Protocol;
import dev.tutti.common.sync.SyncModes;
import dev.tutti.common.sync.order.Clocks;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Versions;
import dev.tutti.deploy.machine.KernelChoice;
import dev.tutti.deploy.machine.LocalData;
import io.netty.channel.epoll.Epoll;
import io.netty.handler.ssl.OpenSsl;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code tutti info}: what this installation is and what it can do. */
@Command(
        name = "info",
        description = "Prints versions, the kernel in use, native libraries and all plug-ins.",
        mixinStandardHelpOptions = true)
public final class InfoCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        var kernel = KernelChoice.choose(Optional.empty());
        line("tutti", "%s, protocol %d".formatted(Versions.version(), Protocol.VERSION));
        line("java", Runtime.version() + ", " + System.getProperty("java.vm.vendor"));
        line(
                "machine",
                "%s %s, %d cores, %.1f GiB heap at most"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.arch"),
                                Runtime.getRuntime().availableProcessors(),
                                Runtime.getRuntime().maxMemory() / (double) (1 << 30)));
        line("kernel", "%s, fingerprint %s".formatted(kernel.name(), KernelFingerprint.of(kernel)));
        line("network", Epoll.isAvailable() ? "epoll" : "nio");
        line("tls", OpenSsl.isAvailable() ? "boringssl " + OpenSsl.versionString() : "jdk");
        line("cache", LocalData.cacheFolder().toString());
        lines("layers", Layers.CATALOGUE.signatures());
        lines("losses", Losses.CATALOGUE.signatures());
        lines("optimizers", Optimizers.CATALOGUE.signatures());
        lines("schedules", Schedules.CATALOGUE.signatures());
        lines("roundings", Roundings.CATALOGUE.signatures());
        lines("regularizers", Regularizers.CATALOGUE.signatures());
        lines("modes", SyncModes.CATALOGUE.signatures());
        lines("clocks", Clocks.CATALOGUE.signatures());
        lines("compressors", Compressors.CATALOGUE.signatures());
        lines("partitions", Partitions.CATALOGUE.signatures());
        lines("averages", AveragingRules.CATALOGUE.signatures());
        lines("mixings", Mixings.CATALOGUE.signatures());
        lines("attacks", Attacks.CATALOGUE.signatures());
        lines("models", Zoo.names());
        lines("initializers", Initializers.CATALOGUE.signatures());
        return ExitCode.OK.number();
    }

    private static void lines(String name, List<String> values) {
        for (var i = 0; i < values.size(); i++) {
            line(i == 0 ? name : "", values.get(i));
        }
    }

    private static void line(String name, String value) {
        System.out.printf("%-13s %s%n", name, value);
    }
}
