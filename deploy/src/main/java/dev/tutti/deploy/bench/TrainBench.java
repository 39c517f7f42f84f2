package dev.tutti.deploy.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.deploy.bench.measure.BenchHost;
import dev.tutti.deploy.bench.measure.Net;
import dev.tutti.deploy.bench.measure.Spread;
import dev.tutti.deploy.bench.measure.StepProfile;
import dev.tutti.deploy.bench.measure.TrainComparison;
import dev.tutti.deploy.bench.peer.Distribution;
import dev.tutti.deploy.bench.peer.Torch;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.Versions;
import dev.tutti.deploy.machine.LocalData;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tutti bench train}: whole trainings beside PyTorch's, as a user starts them. */
@Command(
        name = "train",
        description = {
            "Measures training beside PyTorch: the same nets, data, batches and optimizer,",
            "the same number of processes and threads, both in turn."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  tutti bench train --pairs 3",
            "  tutti bench train --processes 0 --nets 512-512@256",
            "  tutti bench train -- --precision bf16"
        })
final class TrainBench implements Callable<Integer> {
    @Option(
            names = "--nets",
            paramLabel = "H-H@BATCH",
            split = ",",
            defaultValue = "128-64@128,512-512@256,1024-1024@512,2048-2048@256",
            description = "hidden layers and samples of a step; default: ${DEFAULT-VALUE}")
    private List<String> nets = List.of();

    @Option(
            names = "--processes",
            paramLabel = "P",
            defaultValue = "2",
            description =
                    "worker processes, beside DistributedDataParallel with as many; 0 compares one process with one, of a thread for each core; default: ${DEFAULT-VALUE}")
    private int processes;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "45",
            description =
                    "warm-up of each run of Tutti, which is not measured; default: ${DEFAULT-VALUE}")
    private double warmUpSeconds;

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "4",
            description = "approximate length of each measurement; default: ${DEFAULT-VALUE}")
    private double seconds;

    @Mixin private PeerOptions peer = new PeerOptions();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Parameters(
            paramLabel = "-- OPTION…",
            arity = "0..*",
            description = "further options of tutti train, such as -- --precision bf16")
    private List<String> given = List.of();

    /**
     * A line of the table, in samples per second.
     *
     * @param peer how PyTorch ran, if it did
     * @param ratio Tutti's by the peer's, pair by pair
     * @param profile of Tutti's steps, mean of all pairs
     */
    record Line(
            String net,
            int batch,
            Spread tutti,
            @Nullable String peer,
            @Nullable Spread pytorch,
            @Nullable Spread ratio,
            StepProfile profile) {
        static Line of(TrainComparison.Result result) {
            var best = result.best();
            return new Line(
                    result.net().name(),
                    result.net().batch(),
                    Spread.of(result.tutti()),
                    best.map(TrainComparison.Best::peer).orElse(null),
                    best.map(found -> Spread.of(found.pairs().theirs())).orElse(null),
                    best.map(found -> found.pairs().ratio()).orElse(null),
                    StepProfile.mean(result.profiles()));
        }
    }

    /**
     * All that was measured.
     *
     * @param geometricMean of the ratios' medians, if there is a peer
     * @param results each value
     */
    record Report(
            BenchHost machine,
            List<String> tutti,
            @Nullable Torch torch,
            String data,
            int processes,
            int workers,
            int pairs,
            List<Line> lines,
            @Nullable Double geometricMean,
            List<TrainComparison.Result> results) {}

    @Override
    public Integer call() throws JsonProcessingException {
        Require.notNegative("--processes", processes);
        Require.that(
                seconds > 0 && warmUpSeconds >= 0,
                "--seconds must be above 0 and --warm-up at least 0, were %s and %s"
                        .formatted(seconds, warmUpSeconds));
        var chosen = nets.stream().map(Net::parse).toList();
        var machine = BenchHost.now();
        var workers = processes > 0 ? processes : Math.max(2, machine.cores());
        chosen.forEach(net -> requireShares(net, workers));
        var distribution = Distribution.find();
        var comparison =
                new TrainComparison(
                        distribution,
                        peer.find(distribution),
                        processes,
                        workers,
                        LocalData.fashionMnist(),
                        peer.pairs(),
                        warmUpSeconds,
                        seconds,
                        given);
        if (!json) {
            introduce(machine, comparison);
        }
        var results = new ArrayList<TrainComparison.Result>();
        for (var net : chosen) {
            var result = comparison.measure(net);
            results.add(result);
            if (!json) {
                System.out.println(row(Line.of(result)));
            }
        }
        finish(report(machine, comparison, results));
        return ExitCode.OK.number();
    }

    private static void requireShares(Net net, int workers) {
        Require.that(
                net.batch() % workers == 0,
                "--nets: a batch of %d is not shared evenly by %d workers"
                        .formatted(net.batch(), workers));
    }

    private static Report report(
            BenchHost machine, TrainComparison comparison, List<TrainComparison.Result> results) {
        var lines = results.stream().map(Line::of).toList();
        var ratios =
                lines.stream()
                        .flatMap(line -> Optional.ofNullable(line.ratio()).stream())
                        .map(Spread::median)
                        .toList();
        return new Report(
                machine,
                List.of(new Versions().getVersion()),
                comparison.torch().orElse(null),
                comparison.data(),
                comparison.processes(),
                comparison.workers(),
                comparison.pairs(),
                lines,
                ratios.isEmpty() ? null : Spread.geometricMean(ratios),
                results);
    }

    private void introduce(BenchHost machine, TrainComparison comparison) {
        System.out.printf("machine   %s%n", machine.text());
        System.out.printf("tutti     %s%n", String.join(", ", new Versions().getVersion()));
        if (!given.isEmpty()) {
            System.out.printf("options   %s%n", String.join(" ", given));
        }
        comparison.torch().ifPresent(torch -> System.out.printf("pytorch   %s%n", torch.text()));
        System.out.printf(
                "training  %s, %s, sgd(rate=0.1); samples/s, median (min…max) of %d in turn, warm-up left out%n%n",
                comparison.data(),
                processes > 0
                        ? "%d worker processes".formatted(processes)
                        : "one process, %d workers".formatted(comparison.workers()),
                comparison.pairs());
        System.out.printf(
                "%-18s %5s  %-26s %-13s %-26s %s%n",
                "net", "batch", "tutti", "", "pytorch", "tutti/pytorch");
    }

    static String row(Line line) {
        var pytorch = line.pytorch();
        var ratio = line.ratio();
        return "%-18s %5d  %-26s %-13s %-26s %s"
                .formatted(
                        line.net(),
                        line.batch(),
                        line.tutti().text("%,.0f"),
                        line.peer() == null ? "" : line.peer(),
                        pytorch == null ? "-" : pytorch.text("%,.0f"),
                        ratio == null ? "-" : ratio.text("%.2f"));
    }

    static String profileRow(Line line) {
        var profile = line.profile();
        return "%-18s %5d %9.2f %9.2f %9.2f %9.2f"
                .formatted(
                        line.net(),
                        line.batch(),
                        profile.compute(),
                        profile.apply(),
                        profile.rest(),
                        profile.total());
    }

    private void finish(Report report) throws JsonProcessingException {
        if (json) {
            System.out.println(new ObjectMapper().writeValueAsString(report));
            return;
        }
        if (report.geometricMean() != null) {
            System.out.printf("%ngeometric mean of the ratios: %.2f%n", report.geometricMean());
        }
        System.out.printf(
                "%n%-18s %5s %9s %9s %9s %9s%n",
                "a step, ms", "batch", "compute", "apply", "rest", "in all");
        report.lines().forEach(line -> System.out.println(profileRow(line)));
    }
}
