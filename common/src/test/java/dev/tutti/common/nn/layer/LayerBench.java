package dev.tutti.common.nn.layer;

import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One layer on the bench: weights, rows {@code from} to {@code to} of an endless batch, and a cost
 * that weighs every output by a fixed random number. Nothing depends on where the rows are cut.
 */
final class LayerBench {
    /** Wide enough that a finite difference steps over no kink at zero or between two inputs. */
    private static final double SPACING_MIN = 0.08;

    private final Layer layer;
    private final int wholeNumbers;
    private final Shape input;
    private final Shape output;
    private final PassContext.Mode mode;
    private final int from;
    private final int samples;
    private final long seed;

    final Fenced in;
    final Fenced out;
    final Fenced outGradient;
    final Fenced inGradient;
    final Fenced weights;
    final Fenced statistics;
    final Fenced gradient;
    final Fenced statisticSums;
    final Fenced scratch;

    LayerBench(
            Arena arena,
            Layer layer,
            LayerExample example,
            PassContext.Mode mode,
            int from,
            int to,
            long seed) {
        this.layer = layer;
        this.wholeNumbers = example.wholeNumbers();
        this.input = example.input();
        this.output = layer.outputShape(input);
        this.mode = mode;
        this.from = from;
        this.samples = to - from;
        this.seed = seed;
        this.in = Fenced.allocate(arena, (long) samples * input.size());
        this.out = Fenced.allocate(arena, (long) samples * output.size());
        this.outGradient = Fenced.allocate(arena, (long) samples * output.size());
        this.inGradient = Fenced.allocate(arena, (long) samples * input.size());
        this.weights = Fenced.allocate(arena, floats(Parameter.Kind.TRAINED));
        this.statistics = Fenced.allocate(arena, floats(Parameter.Kind.STATISTIC));
        this.gradient = Fenced.allocate(arena, floats(Parameter.Kind.TRAINED));
        this.statisticSums = Fenced.allocate(arena, floats(Parameter.Kind.STATISTIC));
        this.scratch = Fenced.allocate(arena, layer.scratchFloats(input, samples));
        fillInput();
        fill("weights", 0, weights.vector());
        fill("statistics", 1.5, statistics.vector());
    }

    private long floats(Parameter.Kind kind) {
        return layer.parameters(input).stream()
                .filter(parameter -> parameter.kind() == kind)
                .mapToLong(parameter -> parameter.shape().size())
                .sum();
    }

    private void fillInput() {
        var width = input.size();
        var spacing = Math.max(SPACING_MIN, 2.0 / width);
        for (var row = 0; row < samples; row++) {
            var random = Seeds.of(seed, "input", from + row);
            var order = new int[width];
            for (var i = 0; i < width; i++) {
                order[i] = i;
            }
            random.shuffle(order);
            for (var i = 0; i < width; i++) {
                if (wholeNumbers > 0) {
                    Floats.set(in.vector(), (long) row * width + i, random.nextInt(wholeNumbers));
                    continue;
                }
                // Half a spacing off zero for an even width and an odd one alike.
                var place = order[i] - Math.floorDiv(width, 2) + 0.5 + 0.2 * random.nextDouble();
                Floats.set(in.vector(), (long) row * width + i, (float) (place * spacing));
            }
        }
    }

    private void fill(String purpose, double mean, MemorySegment out) {
        var random = Seeds.of(seed, purpose);
        for (long i = 0; i < Floats.count(out); i++) {
            Floats.set(out, i, (float) (mean + random.nextDouble() - 0.5));
        }
    }

    private LayerCall call(boolean backward) {
        return call(backward, true);
    }

    private LayerCall call(boolean backward, boolean wantsInputGradient) {
        return new LayerCall(
                new PlainKernel(),
                new PassContext(mode, seed, 3, row -> from + row),
                1,
                input,
                output,
                samples,
                Elements.of(weights.vector()),
                statistics.vector(),
                Elements.of(backward ? gradient.vector() : Floats.NONE),
                backward ? statisticSums.vector() : Floats.NONE,
                scratch.vector(),
                wantsInputGradient);
    }

    /** Runs forward, and returns the cost. */
    double forward() {
        layer.forward(call(false), in.vector(), out.vector());
        var cost = 0.0;
        for (var row = 0; row < samples; row++) {
            var random = Seeds.of(seed, "cost", from + row);
            for (var i = 0; i < output.size(); i++) {
                var weight = (float) random.nextGaussian();
                var at = (long) row * output.size() + i;
                Floats.set(outGradient.vector(), at, weight);
                cost += (double) weight * Floats.get(out.vector(), at);
            }
        }
        return cost;
    }

    /** Runs forward and backward. */
    void run() {
        var _ = forward();
        layer.backward(
                call(true), in.vector(), out.vector(), outGradient.vector(), inGradient.vector());
    }

    /** Runs forward and backward as the first layer of a model does. */
    void runAsFirst() {
        var _ = forward();
        layer.backward(
                call(true, false), in.vector(), out.vector(), outGradient.vector(), Floats.NONE);
    }

    /**
     * Returns the worst relative error of the input's gradient and of each parameter's, by name.
     */
    Map<String, Double> gradientErrors() {
        run();
        var errors = new LinkedHashMap<String, Double>();
        var foundIn = inGradient.values();
        var found = gradient.values();
        // A whole number has no neighbours to differ from.
        var isReal = wholeNumbers == 0;
        errors.put(
                "input",
                !isReal
                        ? zeroError(foundIn)
                        : Slopes.worstError(foundIn, Slopes.of(in.vector(), this::forward)));
        var offset = 0;
        for (var parameter : trained()) {
            var size = parameter.shape().size();
            var slopes = Slopes.of(Floats.slice(weights.vector(), offset, size), this::forward);
            var part = Arrays.copyOfRange(found, offset, offset + size);
            errors.put(parameter.name(), Slopes.worstError(part, slopes));
            offset += size;
        }
        return errors;
    }

    private static double zeroError(float[] found) {
        return Slopes.worstError(found, new double[found.length]);
    }

    List<Parameter> trained() {
        return layer.parameters(input).stream()
                .filter(parameter -> parameter.kind() == Parameter.Kind.TRAINED)
                .toList();
    }

    void assertFencesIntact() {
        in.assertIntact("input");
        out.assertIntact("output");
        outGradient.assertIntact("output gradient");
        inGradient.assertIntact("input gradient");
        weights.assertIntact("weights");
        statistics.assertIntact("statistics");
        gradient.assertIntact("gradient");
        statisticSums.assertIntact("statistic sums");
        scratch.assertIntact("scratch");
    }
}
