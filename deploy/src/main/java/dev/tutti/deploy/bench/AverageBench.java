package dev.tutti.deploy.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.deploy.bench.measure.AverageComparison;
import dev.tutti.deploy.bench.measure.BenchHost;
import dev.tutti.deploy.bench.measure.Pairs;
import dev.tutti.deploy.bench.measure.Spread;
import dev.tutti.deploy.bench.peer.Distribution;
import dev.tutti.deploy.bench.peer.Loopback;
import dev.tutti.deploy.bench.peer.Torch;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.Versions;
import dev.tutti.proto.Carrier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tutti bench average}: a step without its computation, beside gloo's all-reduce. */
@Command(
        name = "average",
        description = {
            "Measures a step without its computation: ready gradients go to the coordinator, are",
            "added up and stepped, and everyone has the new weights; beside gloo's all-reduce",
            "alone, in turn."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  tutti bench average --pairs 3",
            "  tutti bench average --carrier inline --sizes 5824522"
        })
final class AverageBench implements Callable<Integer> {
    @Option(
            names = "--sizes",
            paramLabel = "FLOATS",
            split = ",",
            defaultValue = "5824522,669706,109386,1",
            description = "lengths of the vectors; default: ${DEFAULT-VALUE}")
    private List<Integer> sizes = List.of();

    @Option(
            names = "--processes",
            paramLabel = "P",
            defaultValue = "2",
            description = "processes with a gradient each; default: ${DEFAULT-VALUE}")
    private int processes;

    @Option(
            names = "--carrier",
            paramLabel = "NAME",
            defaultValue = "shared",
            description =
                    "shared memory, or inline: bytes through loopback, beside what iperf3 gets through it; default: ${DEFAULT-VALUE}")
    private Carrier carrier = Carrier.SHARED;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "25",
            description =
                    "warm-up of each run of Tutti, which is not measured; default: ${DEFAULT-VALUE}")
    private double warmUpSeconds;

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "3",
            description = "approximate length of each measurement; default: ${DEFAULT-VALUE}")
    private double seconds;

    @Mixin private PeerOptions peer = new PeerOptions();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Parameters(
            paramLabel = "-- OPTION…",
            arity = "0..*",
            description = "further options of tutti coordinator, such as -- --optimizer adam")
    private List<String> given = List.of();

    /**
     * A line of the table.
     *
     * @param tuttiMicros time of a round
     * @param glooMicros time of an all-reduce, if there is a peer
     * @param ratio gloo's by Tutti's, pair by pair
     * @param bytesPerSecond of vectors, in and out at the coordinator
     * @param loopbackShare these by what iperf3 got through loopback, if it was measured
     */
    record Line(
            int floats,
            Spread tuttiMicros,
            @Nullable Spread glooMicros,
            @Nullable Spread ratio,
            Spread bytesPerSecond,
            @Nullable Spread loopbackShare) {
        static Line of(AverageComparison.Result result) {
            var hasPeer = !result.glooMicros().isEmpty();
            var tutti = result.tuttiMicros();
            var bytes = result.bytesPerSecond();
            return new Line(
                    result.floats(),
                    Spread.of(tutti),
                    hasPeer ? Spread.of(result.glooMicros()) : null,
                    hasPeer ? new Pairs(tutti, result.glooMicros()).inverseRatio() : null,
                    Spread.of(bytes),
                    result.loopbackBytesPerSecond().isEmpty()
                            ? null
                            : new Pairs(bytes, result.loopbackBytesPerSecond()).ratio());
        }
    }

    /** All that was measured. */
    record Report(
            BenchHost machine,
            List<String> tutti,
            @Nullable Torch torch,
            Carrier carrier,
            int processes,
            int pairs,
            List<Line> lines,
            List<AverageComparison.Result> results) {}

    @Override
    public Integer call() throws JsonProcessingException {
        Require.positive("--processes", processes);
        sizes.forEach(size -> Require.positive("--sizes", size));
        Require.that(
                seconds > 0 && warmUpSeconds >= 0,
                "--seconds must be above 0 and --warm-up at least 0, were %s and %s"
                        .formatted(seconds, warmUpSeconds));
        var machine = BenchHost.now();
        var distribution = Distribution.find();
        var comparison =
                new AverageComparison(
                        distribution,
                        peer.find(distribution),
                        carrier == Carrier.INLINE ? loopback() : Optional.empty(),
                        carrier,
                        processes,
                        peer.pairs(),
                        warmUpSeconds,
                        seconds,
                        given);
        if (!json) {
            introduce(machine, comparison);
        }
        var results = new ArrayList<AverageComparison.Result>();
        for (var size : sizes) {
            var result = comparison.measure(size);
            results.add(result);
            if (!json) {
                System.out.println(row(Line.of(result)));
            }
        }
        if (json) {
            System.out.println(
                    new ObjectMapper().writeValueAsString(report(machine, comparison, results)));
        }
        return ExitCode.OK.number();
    }

    private static Optional<Loopback> loopback() {
        var found = Loopback.find();
        if (found.isEmpty()) {
            System.err.println(
                    "tutti: no iperf3 in the path: what loopback carries stays unknown; install it (Debian: apt-get install iperf3)");
        }
        return found;
    }

    private static Report report(
            BenchHost machine,
            AverageComparison comparison,
            List<AverageComparison.Result> results) {
        return new Report(
                machine,
                List.of(new Versions().getVersion()),
                comparison.torch().orElse(null),
                comparison.carrier(),
                comparison.processes(),
                comparison.pairs(),
                results.stream().map(Line::of).toList(),
                results);
    }

    private void introduce(BenchHost machine, AverageComparison comparison) {
        System.out.printf("machine   %s%n", machine.text());
        System.out.printf("tutti     %s%n", String.join(", ", new Versions().getVersion()));
        if (!given.isEmpty()) {
            System.out.printf("options   %s%n", String.join(" ", given));
        }
        comparison.torch().ifPresent(torch -> System.out.printf("pytorch   %s%n", torch.text()));
        System.out.printf(
                "average   of %d processes, %s; us, median (min…max) of %d in turn; in and out: bytes of vectors at the coordinator%n%n",
                processes,
                carrier == Carrier.INLINE ? "bytes through loopback" : "through shared memory",
                comparison.pairs());
        System.out.printf(
                "%10s  %-28s %-28s %-20s %12s  %s%n",
                "floats",
                "tutti, with sgd step",
                "gloo, all-reduce",
                "gloo/tutti",
                "in+out GB/s",
                comparison.loopback().isEmpty() ? "" : "of iperf3, one way");
    }

    static String row(Line line) {
        var gloo = line.glooMicros();
        var ratio = line.ratio();
        var share = line.loopbackShare();
        return "%,10d  %-28s %-28s %-20s %12.3f  %s"
                .formatted(
                        line.floats(),
                        line.tuttiMicros().text("%,.0f"),
                        gloo == null ? "-" : gloo.text("%,.0f"),
                        ratio == null ? "-" : ratio.text("%.2f"),
                        line.bytesPerSecond().median() / 1e9,
                        share == null ? "" : share.text("%.2f"));
    }
}
