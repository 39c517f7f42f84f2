package dev.tutti.deploy.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.nn.layer.Dense;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.layer.Relu;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.option.KernelOption;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code tutti bench backprop}: what a gradient costs. Backpropagation gives all derivatives for a
 * small multiple of a forward pass, however many weights there are; finite differences need two
 * forward passes for each weight (BACKPROP.md, "Derivatives flow along a graph").
 */
@Command(
        name = "backprop",
        description = {
            "Compares forward + backward with forward alone, for dense nets of growing size, and",
            "extrapolates what central differences would take: two forward passes for each weight."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  tutti bench backprop --weights-max 1e7"})
final class BackpropBench implements Callable<Integer> {
    private static final int OUTPUTS = 10;
    private static final double WEIGHTS_MIN = 1e3;
    private static final int ROUNDS_MIN = 5;
    private static final long ROUND_NANOS_MIN = 20_000_000;
    private static final int WARM_UP_ROUNDS = 20;
    private static final long WARM_UP_NANOS = 2_000_000_000L;

    @Option(
            names = "--weights-max",
            paramLabel = "P",
            defaultValue = "1e8",
            description = "largest net, in weights; default: ${DEFAULT-VALUE}")
    private double weightsMax;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "128",
            description = "samples of a pass; default: ${DEFAULT-VALUE}")
    private int batch;

    @Mixin private KernelOption kernel = new KernelOption();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    /**
     * One line of the table.
     *
     * @param forwardMillis median of the rounds
     * @param bothMillis median of forward + backward
     * @param ratio median of the ratios of neighbouring rounds
     * @param differencesSeconds extrapolated time of central differences
     */
    record Line(
            long weights,
            String layers,
            double forwardMillis,
            double bothMillis,
            double ratio,
            double ratioMin,
            double ratioMax,
            double differencesSeconds) {}

    @Override
    public Integer call() throws JsonProcessingException {
        Require.positive("--batch", batch);
        Require.that(
                weightsMax >= WEIGHTS_MIN && Double.isFinite(weightsMax),
                "--weights-max must be at least %.0f, was %s".formatted(WEIGHTS_MIN, weightsMax));
        var chosen = kernel.choose();
        if (!json) {
            System.out.printf(
                    "batch %d, kernel %s, one thread, median of at least %d rounds side by side%n",
                    batch, chosen.name(), ROUNDS_MIN);
            System.out.printf(
                    "%12s  %-26s %12s %14s %7s %15s  %s%n",
                    "weights",
                    "layers",
                    "forward ms",
                    "with backward",
                    "ratio",
                    "min…max",
                    "central differences");
        }
        var lines = new ArrayList<Line>();
        for (var weights = WEIGHTS_MIN; weights <= weightsMax * 1.01; weights *= 10) {
            var line = measure(chosen, (int) Math.round(Math.sqrt(weights / 2)));
            lines.add(line);
            if (!json) {
                print(line);
            }
        }
        if (json) {
            System.out.println(new ObjectMapper().writeValueAsString(lines));
        }
        return ExitCode.OK.number();
    }

    /** Measures a net of two square layers of {@code width} and a small last one. */
    private Line measure(Kernel chosen, int width) {
        try (var arena = Arena.ofConfined()) {
            List<Layer> layers =
                    List.of(
                            Dense.of(width),
                            new Relu(),
                            Dense.of(width),
                            new Relu(),
                            Dense.of(OUTPUTS));
            var model = Model.of(layers, Shape.of(width), OUTPUTS);
            var loss = Losses.CATALOGUE.parse("softmax-cross-entropy");
            var workspace = new Workspace(arena, model, loss, batch);
            var random = Seeds.of(1, "bench", width);
            for (long i = 0; i < Floats.count(workspace.features()); i++) {
                Floats.set(workspace.features(), i, (float) random.nextGaussian());
            }
            for (var row = 0; row < batch; row++) {
                Floats.set(workspace.targets(), row, random.nextInt(OUTPUTS));
            }
            var weights = Floats.allocate(arena, model.vectorLength());
            model.initialize(Initializers.CATALOGUE.parse("he-normal"), 1, weights);
            var gradient = Floats.allocate(arena, model.vectorLength());
            return measure(new Passes(chosen, model, loss, weights, gradient, workspace, batch));
        }
    }

    /** The two things that are timed. */
    private record Passes(
            Kernel kernel,
            Model model,
            Loss loss,
            MemorySegment weights,
            MemorySegment gradient,
            Workspace workspace,
            int samples) {
        double forward() {
            return model.loss(kernel, loss, weights, workspace, samples, PassContext.EVALUATION);
        }

        double both() {
            return model.lossAndGradient(
                    kernel, loss, weights, workspace, samples, PassContext.EVALUATION, gradient);
        }
    }

    private static Line measure(Passes passes) {
        var start = System.nanoTime();
        for (var i = 0; i < WARM_UP_ROUNDS && System.nanoTime() - start < WARM_UP_NANOS; i++) {
            keep(passes.forward() + passes.both());
        }
        start = System.nanoTime();
        keep(passes.forward());
        var repeats = (int) Math.max(1, ROUND_NANOS_MIN / Math.max(1, System.nanoTime() - start));
        var rounds = repeats > 10 ? 4 * ROUNDS_MIN : ROUNDS_MIN;
        var forward = new double[rounds];
        var both = new double[rounds];
        var ratio = new double[rounds];
        for (var round = 0; round < rounds; round++) {
            forward[round] = millis(repeats, passes::forward);
            both[round] = millis(repeats, passes::both);
            ratio[round] = both[round] / forward[round];
        }
        Arrays.sort(forward);
        Arrays.sort(both);
        Arrays.sort(ratio);
        var weights = passes.model().parameterCount();
        var median = forward[rounds / 2];
        return new Line(
                weights,
                passes.model().text().replace("units=", "").replace("dense", ""),
                median,
                both[rounds / 2],
                ratio[rounds / 2],
                ratio[0],
                ratio[rounds - 1],
                2 * weights * median / 1e3);
    }

    /** Something to time. */
    private interface Timed {
        double run();
    }

    private static double millis(int repeats, Timed timed) {
        var start = System.nanoTime();
        var sum = 0.0;
        for (var i = 0; i < repeats; i++) {
            sum += timed.run();
        }
        var nanos = System.nanoTime() - start;
        keep(sum);
        return nanos / 1e6 / repeats;
    }

    /** Uses a result, so that computing it cannot be left out. */
    private static void keep(double result) {
        if (Double.isNaN(result)) {
            throw new IllegalStateException("a loss is NaN");
        }
    }

    private static void print(Line line) {
        System.out.printf(
                "%,12d  %-26s %12.4f %14.4f %7.2f %15s  %s%n",
                line.weights(),
                line.layers(),
                line.forwardMillis(),
                line.bothMillis(),
                line.ratio(),
                "%.2f…%.2f".formatted(line.ratioMin(), line.ratioMax()),
                duration(line.differencesSeconds()));
    }

    private static String duration(double seconds) {
        if (seconds < 120) {
            return "%.1f s".formatted(seconds);
        }
        if (seconds < 7200) {
            return "%.0f min".formatted(seconds / 60);
        }
        var hours = seconds / 3600;
        if (hours < 48) {
            return "%.1f hours".formatted(hours);
        }
        var days = hours / 24;
        return days < 730 ? "%.0f days".formatted(days) : "%.1f years".formatted(days / 365.25);
    }
}
