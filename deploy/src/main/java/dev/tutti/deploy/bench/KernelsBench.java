package dev.tutti.deploy.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.deploy.bench.measure.BenchRounds;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.option.KernelOption;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code tutti bench kernels}: matrix products, the passes over vectors, and a training step beside
 * its matrix products alone. One thread; all of one table are measured in turn, round by round, so
 * that a disturbance meets each of them.
 */
@Command(
        name = "kernels",
        description = {
            "Measures matrix products, passes over vectors, and training steps beside their",
            "matrix products alone, all with one thread."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  tutti bench kernels --rounds 5"})
final class KernelsBench implements Callable<Integer> {
    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "11",
            description = "rounds of each table; default: ${DEFAULT-VALUE}")
    private int rounds;

    @Mixin private KernelOption kernel = new KernelOption();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    /**
     * Something that is measured.
     *
     * @param name what it is
     * @param count what its rate counts: floating-point operations, or elements
     * @param bytes read and written by one run, beyond the caches
     * @param work one run
     */
    record Subject(String name, double count, double bytes, Runnable work) {}

    /**
     * A line of the first two tables.
     *
     * @param micros median processor time of one run
     * @param perNano operations of a product, or elements of a pass, in a nanosecond
     * @param gigabytesPerSecond 0 for a product
     */
    record Line(String name, double micros, double perNano, double gigabytesPerSecond) {}

    /**
     * A line of the last table.
     *
     * @param productsMicros median time of a step's matrix products
     * @param stepMicros median of forward, loss, backward and the optimizer's step
     * @param ratio median of the ratios of neighbouring rounds
     */
    record StepLine(
            String net,
            int batch,
            double productsMicros,
            double stepMicros,
            double ratio,
            double ratioMin,
            double ratioMax) {}

    /** All that was measured. */
    record Report(String kernel, List<Line> products, List<Line> passes, List<StepLine> steps) {}

    @Override
    public Integer call() throws JsonProcessingException {
        Require.positive("--rounds", rounds);
        var chosen = kernel.choose();
        try (var arena = Arena.ofConfined()) {
            var report =
                    new Report(
                            chosen.name(),
                            measure(KernelsBenchSubjects.products(arena, chosen)),
                            measure(KernelsBenchSubjects.passes(arena)),
                            steps(chosen));
            if (json) {
                System.out.println(new ObjectMapper().writeValueAsString(report));
            } else {
                print(report);
            }
        }
        return ExitCode.OK.number();
    }

    private List<Line> measure(List<Subject> subjects) {
        var lines = new ArrayList<Line>();
        var times = times(subjects);
        for (var i = 0; i < subjects.size(); i++) {
            var nanos = median(times[i]);
            var subject = subjects.get(i);
            lines.add(
                    new Line(
                            subject.name(),
                            nanos / 1e3,
                            subject.count() / nanos,
                            subject.bytes() / nanos));
        }
        return lines;
    }

    /** Returns the nanoseconds of one run, by subject and round. */
    private double[][] times(List<Subject> subjects) {
        var times = new double[subjects.size()][rounds];
        var repeats = new int[subjects.size()];
        for (var i = 0; i < repeats.length; i++) {
            repeats[i] = BenchRounds.repeats(subjects.get(i).work());
        }
        for (var round = 0; round < rounds; round++) {
            for (var i = 0; i < repeats.length; i++) {
                times[i][round] = BenchRounds.nanos(repeats[i], subjects.get(i).work());
            }
        }
        return times;
    }

    private List<StepLine> steps(Kernel chosen) {
        var lines = new ArrayList<StepLine>();
        for (var net : BenchStep.NETS) {
            try (var arena = Arena.ofConfined()) {
                var step = new BenchStep(arena, chosen, net);
                var times =
                        times(
                                List.of(
                                        new Subject("products", 0, 0, step::products),
                                        new Subject("step", 0, 0, step::run)));
                var ratios = new double[rounds];
                Arrays.setAll(ratios, round -> times[1][round] / times[0][round]);
                Arrays.sort(ratios);
                lines.add(
                        new StepLine(
                                net.name(),
                                net.batch(),
                                median(times[0]) / 1e3,
                                median(times[1]) / 1e3,
                                ratios[rounds / 2],
                                ratios[0],
                                ratios[rounds - 1]));
            }
        }
        return lines;
    }

    private static double median(double[] values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private void print(Report report) {
        System.out.printf(
                "kernel %s, processor time of one thread, medians of %d rounds in turn%n%n",
                report.kernel(), rounds);
        System.out.printf("%-38s %12s %10s%n", "matrix product", "us", "GFLOP/s");
        for (var line : report.products()) {
            System.out.printf("%-38s %12.1f %10.1f%n", line.name(), line.micros(), line.perNano());
        }
        System.out.printf("%n%-38s %12s %10s %8s%n", "pass", "us", "ns/element", "GB/s");
        for (var line : report.passes()) {
            System.out.printf(
                    "%-38s %12.1f %10.3f %8.1f%n",
                    line.name(), line.micros(), 1 / line.perNano(), line.gigabytesPerSecond());
        }
        System.out.printf(
                "%n%-26s %6s %14s %12s %7s  %s%n",
                "step with sgd", "batch", "products us", "step us", "ratio", "min…max");
        for (var line : report.steps()) {
            System.out.printf(
                    "%-26s %6d %14.1f %12.1f %7.3f  %.3f…%.3f%n",
                    line.net(),
                    line.batch(),
                    line.productsMicros(),
                    line.stepMicros(),
                    line.ratio(),
                    line.ratioMin(),
                    line.ratioMax());
        }
    }
}
