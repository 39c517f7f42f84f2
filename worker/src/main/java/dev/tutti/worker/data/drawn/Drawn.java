package dev.tutti.worker.data.drawn;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Small problems that are drawn, the same ones on every machine: numbers come from {@link Seeds}
 * and functions from {@link StrictMath}.
 *
 * <ul>
 *   <li>{@code blobs(300,2,3)}: 300 samples of 2 features in 3 classes. Each class has a centre,
 *       uniform in [−10, 10]; a sample is its class's centre plus a normal deviate for each feature
 *       (scikit-learn's make_blobs).
 *   <li>{@code spirals(300,3)}: 300 samples of 2 features in 3 classes, each an arm from the centre
 *       outwards. The t-th of n samples of arm k of K is at radius r = t/n and angle 2πk/K + 4r +
 *       0.6/K·normal deviate; its features are r·sin and r·cos of it (Karpathy, CS231n, "Minimal
 *       neural network case study", for K = 3).
 *   <li>{@code regression(300,5)}: 300 samples of 5 features, all normal deviates. The target is
 *       their sum, each times a coefficient that is uniform in [0, 1], plus 0.1 times a normal
 *       deviate (scikit-learn's make_regression, whose coefficients are 100 times as large).
 * </ul>
 */
public record Drawn() implements DataSource {
    private static final long SEED = 1;
    private static final int VALUES_MAX = 1 << 28;
    private static final double CENTRE_MAX = 10;
    private static final double TURN = 4;
    private static final double SPREAD = 0.6;
    private static final double NOISE = 0.1;

    /** A problem by its name. */
    private enum Problem {
        BLOBS("SAMPLES,FEATURES,CLASSES"),
        SPIRALS("SAMPLES,CLASSES"),
        REGRESSION("SAMPLES,FEATURES");

        private final String arguments;

        Problem(String arguments) {
            this.arguments = arguments;
        }

        String text() {
            return "%s(%s)".formatted(word(), arguments);
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        Pattern pattern() {
            return Pattern.compile(
                    "%s\\(%s\\)"
                            .formatted(
                                    word(),
                                    arguments.replaceAll(
                                            "[A-Z]+", "\\\\s*([1-9]\\\\d{0,7})\\\\s*")));
        }
    }

    @Override
    public String description() {
        return Arrays.stream(Problem.values()).map(Problem::text).collect(Collectors.joining(", "));
    }

    @Override
    public boolean accepts(String source) {
        return problem(source).isPresent();
    }

    private static Optional<Problem> problem(String source) {
        return Arrays.stream(Problem.values())
                .filter(problem -> source.startsWith(problem.word() + "("))
                .findFirst();
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        var source = options.source();
        var problem = problem(source).orElseThrow();
        var text = problem.pattern().matcher(source);
        if (!text.matches()) {
            throw refused(source, problem);
        }
        var numbers =
                IntStream.rangeClosed(1, text.groupCount())
                        .map(i -> Integer.parseInt(text.group(i)))
                        .toArray();
        var samples = numbers[0];
        var width = problem == Problem.SPIRALS ? 2 : numbers[1];
        if ((long) samples * width > VALUES_MAX) {
            throw refused(source, problem);
        }
        var names = IntStream.rangeClosed(1, width).mapToObj(i -> "x" + i).toList();
        options.requireNoColumns(names);
        var values = Floats.allocate(arena, (long) samples * width);
        var targets =
                switch (problem) {
                    case BLOBS -> blobs(samples, width, numbers[2], arena, values);
                    case SPIRALS -> spirals(samples, numbers[1], arena, values);
                    case REGRESSION -> regression(samples, width, arena, values);
                };
        return new Dataset(
                source, Shape.of(width), samples, 0, names, new Features.Reals(values), targets);
    }

    private static DataException refused(String source, Problem problem) {
        return new DataException(
                "cannot read \"%s\"; expected %s, each from 1 on, with at most %d values"
                        .formatted(source, problem.text(), VALUES_MAX));
    }

    private static Targets blobs(
            int samples, int width, int classes, Arena arena, MemorySegment out) {
        for (var row = 0; row < samples; row++) {
            var centre = Seeds.of(SEED, "blob", row % classes);
            var random = Seeds.of(SEED, "blobs", row);
            for (var i = 0; i < width; i++) {
                var place = CENTRE_MAX * (2 * centre.nextDouble() - 1);
                Floats.set(out, (long) row * width + i, (float) (place + random.nextGaussian()));
            }
        }
        return labels(samples, classes, arena);
    }

    private static Targets spirals(int samples, int classes, Arena arena, MemorySegment out) {
        for (var row = 0; row < samples; row++) {
            var arm = row % classes;
            var length = (samples - arm + classes - 1) / classes;
            var place = row / classes;
            var radius = (double) place / length;
            var noise = Seeds.of(SEED, "spirals", row).nextGaussian();
            var angle =
                    2 * StrictMath.PI * arm / classes + TURN * radius + SPREAD / classes * noise;
            Floats.set(out, 2L * row, (float) (radius * StrictMath.sin(angle)));
            Floats.set(out, 2L * row + 1, (float) (radius * StrictMath.cos(angle)));
        }
        return labels(samples, classes, arena);
    }

    private static Targets regression(int samples, int width, Arena arena, MemorySegment out) {
        var targets = Floats.allocate(arena, samples);
        for (var row = 0; row < samples; row++) {
            var coefficients = Seeds.of(SEED, "coefficients");
            var random = Seeds.of(SEED, "regression", row);
            var sum = 0.0;
            for (var i = 0; i < width; i++) {
                var x = random.nextGaussian();
                Floats.set(out, (long) row * width + i, (float) x);
                sum += coefficients.nextDouble() * x;
            }
            Floats.set(targets, row, (float) (sum + NOISE * random.nextGaussian()));
        }
        return new Targets.Values(List.of("y"), targets);
    }

    /** Returns labels that go through all classes again and again. */
    private static Targets labels(int samples, int classes, Arena arena) {
        var labels = arena.allocate((long) samples * Integer.BYTES, Floats.ALIGNMENT_BYTES);
        for (var row = 0; row < samples; row++) {
            labels.setAtIndex(JAVA_INT, row, row % classes);
        }
        return new Targets.Labels(
                IntStream.range(0, classes).mapToObj(String::valueOf).toList(), labels);
    }
}
