package dev.tutti.deploy.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.Sgd;
import dev.tutti.common.optim.SteppedWeights;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.vector.Floats;
import dev.tutti.deploy.bench.measure.BenchHost;
import dev.tutti.deploy.bench.measure.Net;
import dev.tutti.deploy.bench.measure.Spread;
import dev.tutti.deploy.bench.scale.ScaleModel;
import dev.tutti.deploy.bench.scale.ScaleSimulation;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.option.KernelOption;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tutti bench scale}: a star and a tree of relays on many machines, in virtual time. */
@Command(
        name = "scale",
        description = {
            "Simulates steps on many machines with a link each, as a star and with relays. The real",
            "machines of coordinator, relays and workers decide; time is virtual. Computing and adding",
            "take what this machine needs, links what --gigabits and --latency say."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  tutti bench scale --workers-max 32 --relay-workers 4"})
final class ScaleBench implements Callable<Integer> {
    private static final int ROUNDS = 11;
    private static final int INTAKE_FLOATS = 1 << 20;

    @Option(
            names = "--workers-max",
            paramLabel = "N",
            defaultValue = "64",
            description = "most workers, from 1 on doubled; default: ${DEFAULT-VALUE}")
    private int workersMax;

    @Option(
            names = "--relay-workers",
            paramLabel = "K",
            defaultValue = "8",
            description = "workers of a relay; default: ${DEFAULT-VALUE}")
    private int relayWorkers;

    @Option(
            names = "--net",
            paramLabel = "H-H@BATCH",
            defaultValue = "512-512@128",
            description = "hidden layers, and samples of each worker; default: ${DEFAULT-VALUE}")
    private String net = "";

    @Option(
            names = "--gigabits",
            paramLabel = "G",
            defaultValue = "1",
            description = "a second that a link carries, each way; default: ${DEFAULT-VALUE}")
    private double gigabits;

    @Option(
            names = "--latency",
            paramLabel = "MICROS",
            defaultValue = "100",
            description = "from one machine to another; default: ${DEFAULT-VALUE}")
    private long latencyMicros;

    @Mixin private KernelOption kernel = new KernelOption();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    /**
     * A line of the table.
     *
     * @param relays 0 if all are connected to the coordinator anyway
     * @param starFormulaMillis what the formula says
     * @param starBytes of a step, in and out at the coordinator
     * @param treeMillis the same with relays, and so on
     */
    record Line(
            int workers,
            double starMillis,
            double starFormulaMillis,
            double starBytes,
            int relays,
            @Nullable Double treeMillis,
            @Nullable Double treeFormulaMillis,
            @Nullable Double treeBytes) {}

    /** All that was measured and simulated. */
    record Report(BenchHost machine, String kernel, ScaleModel model, List<Line> lines) {}

    @Override
    public Integer call() throws JsonProcessingException {
        Require.positive("--workers-max", workersMax);
        Require.that(relayWorkers >= 2, "--relay-workers must be at least 2, was " + relayWorkers);
        Require.that(gigabits > 0, "--gigabits must be above 0, was " + gigabits);
        Require.notNegative("--latency", latencyMicros);
        var machine = BenchHost.now();
        var chosen = Net.parse(net);
        var model = measure(chosen);
        if (!json) {
            introduce(machine, chosen, model);
        }
        var lines = new ArrayList<Line>();
        for (var workers = 1; workers <= workersMax; workers *= 2) {
            lines.add(simulate(model, workers));
            if (!json) {
                print(lines.getLast());
            }
        }
        if (json) {
            System.out.println(
                    new ObjectMapper()
                            .writeValueAsString(
                                    new Report(machine, kernel.choose().name(), model, lines)));
        }
        return ExitCode.OK.number();
    }

    /** Measures what one worker's share of a step, and taking a vector in, cost on this machine. */
    private ScaleModel measure(Net chosen) {
        try (var arena = Arena.ofConfined()) {
            var step =
                    new BenchStep(
                            arena,
                            kernel.choose(),
                            new BenchStep.Net(784, chosen.hidden(), 10, chosen.batch()));
            var compute = medianNanos(step::run);
            return new ScaleModel(
                    chosen.parameters(),
                    Math.round(compute),
                    medianNanos(intake(arena)) / INTAKE_FLOATS,
                    gigabits * 1e9 / Byte.SIZE,
                    latencyMicros * 1000);
        }
    }

    /** What happens to a vector that arrives: checked, copied, added, divided and stepped. */
    private static Runnable intake(Arena arena) {
        var arrived = Floats.allocate(arena, INTAKE_FLOATS);
        var copy = Floats.allocate(arena, INTAKE_FLOATS);
        var weights = Floats.allocate(arena, INTAKE_FLOATS);
        var rule = UpdateRule.of(new Sgd(1e-3, 0, false, 0));
        var sum = GradientSum.of(arrived, copy, 128);
        var checksum = new CRC32C();
        return () -> {
            checksum.update(arrived.asByteBuffer());
            Floats.copy(arrived, copy);
            rule.applyTo(0, INTAKE_FLOATS, 0, sum, List.of(), SteppedWeights.inPlace(weights));
        };
    }

    private static double medianNanos(Runnable work) {
        var repeats = BenchRounds.repeats(work);
        var nanos = new ArrayList<Double>();
        for (var round = 0; round < ROUNDS; round++) {
            nanos.add(BenchRounds.nanos(repeats, work));
        }
        return Spread.of(nanos).median();
    }

    private Line simulate(ScaleModel model, int workers) {
        var star = ScaleSimulation.star(model, workers);
        var starFormula = model.starMillis(workers);
        if (workers <= relayWorkers) {
            return new Line(workers, star.millis(), starFormula, star.bytes(), 0, null, null, null);
        }
        var relays = Math.ceilDiv(workers, relayWorkers);
        var tree = ScaleSimulation.tree(model, workers, relayWorkers);
        return new Line(
                workers,
                star.millis(),
                starFormula,
                star.bytes(),
                relays,
                tree.millis(),
                model.treeMillis(Math.max(relays, relayWorkers)),
                tree.bytes());
    }

    private void introduce(BenchHost machine, Net chosen, ScaleModel model) {
        System.out.printf("machine   %s%n", machine.text());
        System.out.printf(
                "simulated %s, %,d floats, %d samples a worker; every machine has a link of %.3g Gbit/s each way, %d us from any other%n",
                chosen.name(), model.floats(), chosen.batch(), gigabits, latencyMicros);
        System.out.printf(
                "measured  %.2f ms to compute a worker's share, %.2f ns to take in a float (one thread's processor time, kernel %s)%n",
                model.computeNanos() / 1e6, model.intakeNanosPerFloat(), kernel.choose().name());
        System.out.printf(
                "formula   star: compute + (1 + 1/chunks) x workers x vector / link; tree: compute + 2 x neighbours x vector / link%n%n");
        System.out.printf(
                "%7s  %10s %10s %10s   %6s %10s %10s %10s%n",
                "workers", "star ms", "formula", "MB", "relays", "tree ms", "formula", "MB");
    }

    private static void print(Line line) {
        System.out.printf(
                "%7d  %10.1f %10.1f %10.1f   %6s %10s %10s %10s%n",
                line.workers(),
                line.starMillis(),
                line.starFormulaMillis(),
                line.starBytes() / 1e6,
                line.relays() == 0 ? "-" : Integer.toString(line.relays()),
                text(line.treeMillis(), 1),
                text(line.treeFormulaMillis(), 1),
                text(line.treeBytes(), 1e6));
    }

    private static String text(@Nullable Double value, double unit) {
        return value == null ? "-" : "%.1f".formatted(value / unit);
    }
}
