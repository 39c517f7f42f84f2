package dev.tutti.common.graph.check;

import static dev.tutti.common.nn.init.Parameter.Kind.TRAINED;

import dev.tutti.common.graph.ForwardMode;
import dev.tutti.common.graph.Gradient;
import dev.tutti.common.graph.Index;
import dev.tutti.common.graph.ReverseMode;
import dev.tutti.common.graph.check.GradientReport.Comparison;
import dev.tutti.common.graph.check.GradientReport.Method;
import dev.tutti.common.graph.form.ModelGraph;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Compares a model's gradient, as the fast layers compute it, with three oracles that share no code
 * with them: the graph in reverse mode, in forward mode, and central differences (BACKPROP.md, "How
 * we know that it is right").
 *
 * <p>Reverse mode is the reference. Every weight is compared between it and backprop; forward mode
 * and differences, which cost a pass a weight, see a few weights of each parameter.
 *
 * <p>The relative error of two values is |a − b| / max(|a|, |b|, floor). A floor says below what
 * size a value is only rounding, so that a derivative which is zero in theory does not fail by its
 * last bits; see {@link #floor}.
 */
public final class GradientCheck {
    /** Weights of each parameter that forward mode and central differences look at. */
    public static final int SAMPLED_MAX = 12;

    /**
     * Nodes and edges that all sampled weights together may visit. A large graph gets fewer samples
     * for it, at least one of each parameter.
     */
    private static final double VISITS_MAX = 1e9;

    /** Two derivatives smaller than this are equal. */
    private static final double SMALLEST = 1e-8;

    private final ModelGraph oracle;
    private final MemorySegment gradient;
    private final long seed;
    private final ReverseMode sweep;
    private final Gradient reverse;
    private final double[] point;
    private final double largest;
    private final int sampledMax;

    private GradientCheck(ModelGraph oracle, MemorySegment gradient, long seed, double visitsMax) {
        this.oracle = oracle;
        this.gradient = gradient;
        this.seed = seed;
        sweep = oracle.reverse();
        reverse = sweep.gradient();
        point = oracle.point();
        largest = largest(0, point.length);
        sampledMax = sampledMax(oracle, visitsMax);
    }

    /**
     * Checks the gradient of the first {@code samples} rows of the workspace.
     *
     * @param weights the flat vector
     * @param seed decides which weights are sampled
     * @throws IllegalArgumentException if a layer or the loss has no graph form, or the graph would
     *     be larger than memory can hold
     */
    public static GradientReport check(
            Kernel kernel,
            Model model,
            Loss loss,
            MemorySegment weights,
            Workspace workspace,
            int samples,
            PassContext pass,
            long seed) {
        var oracle = ModelGraph.of(model, loss, weights, workspace, samples, pass);
        try (var arena = Arena.ofConfined()) {
            var gradient = Floats.allocate(arena, model.vectorLength());
            var cost =
                    model.lossAndGradient(
                            kernel, loss, weights, workspace, samples, pass, gradient);
            return compare(oracle, cost, gradient, seed);
        }
    }

    /**
     * Compares a gradient that was computed elsewhere.
     *
     * @param cost Σ C_i as computed with it
     * @param gradient the sum over the samples, as long as the model's flat vector
     * @param seed decides which weights are sampled
     */
    public static GradientReport compare(
            ModelGraph oracle, double cost, MemorySegment gradient, long seed) {
        return compare(oracle, cost, gradient, seed, VISITS_MAX);
    }

    static GradientReport compare(
            ModelGraph oracle, double cost, MemorySegment gradient, long seed, double visitsMax) {
        var check = new GradientCheck(oracle, gradient, seed, visitsMax);
        var comparisons = new ArrayList<Comparison>();
        var parameters = oracle.model().parameters();
        for (var i = 0; i < parameters.size(); i++) {
            if (parameters.get(i).parameter().kind() == TRAINED) {
                for (var method : Method.values()) {
                    comparisons.add(check.compared(parameters.get(i), i, method));
                }
            }
        }
        return check.report(cost, comparisons);
    }

    private GradientReport report(double cost, List<Comparison> comparisons) {
        return new GradientReport(
                oracle.model().text(),
                oracle.loss(),
                cost,
                reverse.value(),
                point.length,
                oracle.graph().edgeCount(),
                comparisons);
    }

    private Comparison compared(Model.Placed parameter, int index, Method method) {
        var offset = Math.toIntExact(parameter.offset());
        var count = parameter.shape().size();
        var largestOfParameter = largest(offset, count);
        var entries =
                switch (method) {
                    case BACKPROP -> IntStream.range(0, count).toArray();
                    case FORWARD_MODE, CENTRAL_DIFFERENCES -> sampled(index, offset, count);
                };
        var worst = new Worst();
        for (var entry : entries) {
            var weight = offset + entry;
            var found = derivative(method).apply(weight);
            if (found.isPresent()) {
                worst.see(
                        entry,
                        reverse.partial(weight),
                        found.getAsDouble(),
                        floor(method, largestOfParameter, weight));
            }
        }
        return worst.comparison(oracle, parameter, method);
    }

    private IntFunction<OptionalDouble> derivative(Method method) {
        var graph = oracle.graph();
        return switch (method) {
            case BACKPROP -> weight -> OptionalDouble.of(Floats.get(gradient, weight));
            case FORWARD_MODE ->
                    weight -> OptionalDouble.of(ForwardMode.sweep(graph, weight, point).partial());
            case CENTRAL_DIFFERENCES -> weight -> CentralDifference.partial(graph, weight, point);
        };
    }

    /**
     * Returns below what size the derivative of a weight by {@code method} is only rounding.
     *
     * <ul>
     *   <li>Forward mode: doubles by the same rules, so nothing but 10⁻⁸.
     *   <li>Differences: the rounding of the cost over 2ε is up to 10⁻⁹ of the cost, which is the
     *       tolerance of a derivative of 10⁻⁴ of it.
     *   <li>Backprop: a sum of floats is as exact as its terms. A tenth of the parameter's largest
     *       derivative stands for terms that cancelled on the way to the weight; a hundredth of
     *       what arrived at it, for samples that cancelled there; and 10⁻⁴ of the model's largest,
     *       for a gradient that a normalisation cancels altogether.
     * </ul>
     */
    private double floor(Method method, double largestOfParameter, int weight) {
        var scale =
                switch (method) {
                    case FORWARD_MODE -> 0;
                    case CENTRAL_DIFFERENCES ->
                            Math.max(1e-3 * largestOfParameter, 1e-4 * Math.abs(reverse.value()));
                    case BACKPROP ->
                            Math.max(
                                    0.1 * largestOfParameter,
                                    Math.max(1e-2 * sweep.arrived(weight), 1e-4 * largest));
                };
        return Math.max(SMALLEST, scale);
    }

    private double largest(int offset, int count) {
        return IntStream.range(offset, offset + count)
                .mapToDouble(i -> Math.abs(reverse.partial(i)))
                .max()
                .orElse(0);
    }

    private static int sampledMax(ModelGraph oracle, double visitsMax) {
        // A sweep of dual values and two plain passes: about four times over the graph.
        var graph = oracle.graph();
        var visits =
                4.0 * (graph.nodeCount() + graph.edgeCount()) * oracle.model().parameters().size();
        return (int) Math.clamp(visitsMax / visits, 1, SAMPLED_MAX);
    }

    /** Returns the entry of the largest derivative, and others by chance. */
    private int[] sampled(int parameter, int offset, int count) {
        var entries = IntStream.range(0, count).toArray();
        if (count <= sampledMax) {
            return entries;
        }
        Seeds.of(seed, "gradient-check", parameter).shuffle(entries);
        var steepest =
                IntStream.range(0, count)
                        .reduce((a, b) -> steeper(offset, a, b) ? a : b)
                        .orElseThrow();
        return IntStream.concat(IntStream.of(steepest), IntStream.of(entries))
                .distinct()
                .limit(sampledMax)
                .toArray();
    }

    private boolean steeper(int offset, int a, int b) {
        return Math.abs(reverse.partial(offset + a)) >= Math.abs(reverse.partial(offset + b));
    }

    /** The worst entry so far. */
    private static final class Worst {
        private int seen;
        private int entry;
        private double reference;
        private double found;
        private double error = -1;

        void see(int entry, double reference, double found, double floor) {
            seen++;
            var scale = Math.max(floor, Math.max(Math.abs(reference), Math.abs(found)));
            var error = Math.abs(found - reference) / scale;
            // NaN and ∞ are worse than any number; a NaN would lose every comparison.
            if (Double.isNaN(error)) {
                error = Double.POSITIVE_INFINITY;
            }
            if (error > this.error) {
                this.error = error;
                this.entry = entry;
                this.reference = reference;
                this.found = found;
            }
        }

        Comparison comparison(ModelGraph oracle, Model.Placed parameter, Method method) {
            var layer = Integer.parseInt(parameter.name().split("\\.", 2)[0]);
            return new Comparison(
                    layer,
                    oracle.model().layers().get(layer),
                    parameter.name(),
                    method,
                    seen,
                    Index.of(parameter.shape(), entry),
                    reference,
                    found,
                    Math.max(0, error));
        }
    }
}
