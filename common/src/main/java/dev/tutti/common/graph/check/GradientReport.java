package dev.tutti.common.graph.check;

import dev.tutti.common.graph.Index;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.text.TextTable;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The outcome of a {@link GradientCheck}.
 *
 * @param model its canonical text
 * @param loss the loss
 * @param cost Σ C_i as backprop's forward pass found it
 * @param oracleCost Σ C_i as the graph found it
 * @param variables trained weights
 * @param edges local derivatives that one sweep of either mode evaluates
 * @param comparisons for each parameter, one for each method
 */
public record GradientReport(
        String model,
        Loss loss,
        double cost,
        double oracleCost,
        int variables,
        long edges,
        List<Comparison> comparisons) {
    /** Characters of a layer that a table shows. */
    private static final int LAYER_MAX = 32;

    /** What is compared with the graph in reverse mode. */
    public enum Method {
        /** The fast layers, in floats. */
        BACKPROP("backprop", 1e-3),
        /** The graph's other mode, in doubles. */
        FORWARD_MODE("forward mode", 1e-5),
        /** The quotient, in doubles. */
        CENTRAL_DIFFERENCES("differences", 1e-5);

        private final String label;
        private final double tolerance;

        Method(String label, double tolerance) {
            this.label = label;
            this.tolerance = tolerance;
        }

        /** Returns its name in a table. */
        public String label() {
            return label;
        }

        /** Returns the largest relative error that passes. */
        public double tolerance() {
            return tolerance;
        }
    }

    /**
     * One method on one parameter.
     *
     * @param layer the layer's index
     * @param plugIn the layer
     * @param parameter as in the model's state: {@code 0.weight}
     * @param method what was compared with reverse mode
     * @param compared entries compared; a difference across a kink is none, and not counted
     * @param index the entry of the largest relative error
     * @param expected reverse mode's derivative there
     * @param found the method's
     * @param relativeError there; infinite if a value was NaN
     */
    public record Comparison(
            int layer,
            Layer plugIn,
            String parameter,
            Method method,
            int compared,
            Index index,
            double expected,
            double found,
            double relativeError) {
        /** Tells whether the worst entry is within the method's tolerance. */
        public boolean passes() {
            return relativeError <= method.tolerance();
        }

        /** Returns the comparison as a line. */
        public String text() {
            return String.format(
                    Locale.ROOT,
                    "%s%s in layer %d (%s), %s %.6e, reverse mode %.6e, relative error %.1e,"
                            + " tolerance %.0e",
                    parameter,
                    index,
                    layer,
                    Layers.CATALOGUE.format(plugIn),
                    method.label(),
                    found,
                    expected,
                    relativeError,
                    method.tolerance());
        }
    }

    /** Copies the list. */
    public GradientReport {
        comparisons = List.copyOf(comparisons);
    }

    /** Tells whether the cost and every comparison are within their tolerances. */
    public boolean passes() {
        return costPasses() && comparisons.stream().allMatch(Comparison::passes);
    }

    /** Tells whether the two costs agree as two gradients must. */
    public boolean costPasses() {
        return costError() <= Method.BACKPROP.tolerance();
    }

    /** Returns the relative error of the two costs. */
    public double costError() {
        var scale = Math.max(1e-6, Math.max(Math.abs(cost), Math.abs(oracleCost)));
        return Math.abs(cost - oracleCost) / scale;
    }

    /** Returns the comparison of the largest relative error in units of its tolerance. */
    public Optional<Comparison> worst() {
        return comparisons.stream()
                .max(Comparator.comparingDouble(c -> c.relativeError() / c.method().tolerance()));
    }

    /** Returns the report as a table for a terminal, the verdict in its last line. */
    public String text() {
        return head() + "\n" + table() + "\n" + verdict() + "\n";
    }

    private String head() {
        return String.format(
                Locale.ROOT,
                """
                model  %s
                loss   %s: %.8g by backprop, %.8g by the graph: %s
                graph  %,d weights, %,d edges: a sweep in reverse mode gives all derivatives, \
                forward mode takes %,d sweeps
                """,
                model,
                Losses.CATALOGUE.format(loss),
                cost,
                oracleCost,
                costPasses() ? "ok" : "WRONG",
                variables,
                edges,
                variables);
    }

    private TextTable table() {
        var table = new TextTable("lllrlrrrl");
        table.row(
                "layer",
                "parameter",
                "method",
                "compared",
                "worst at",
                "reverse mode",
                "found",
                "rel. error");
        var parameterAbove = "";
        for (var c : comparisons) {
            var first = !c.parameter().equals(parameterAbove);
            parameterAbove = c.parameter();
            table.row(
                    first ? shortened(c.layer() + " " + Layers.CATALOGUE.format(c.plugIn())) : "",
                    first ? c.parameter() : "",
                    c.method().label(),
                    Integer.toString(c.compared()),
                    c.index().toString(),
                    number("%.6e", c.expected()),
                    number("%.6e", c.found()),
                    number("%.1e", c.relativeError()),
                    c.passes() ? "ok" : "WRONG");
        }
        return table;
    }

    private String verdict() {
        var wrong = comparisons.stream().filter(c -> !c.passes()).count();
        var worst = worst().map(Comparison::text).orElse("there is nothing to train");
        if (passes()) {
            return "all agree; the worst: " + worst;
        }
        return wrong == 0
                ? "the costs differ; the gradients agree: " + worst
                : "%d of %d differ; the worst: %s".formatted(wrong, comparisons.size(), worst);
    }

    private static String shortened(String layer) {
        return layer.length() <= LAYER_MAX ? layer : layer.substring(0, LAYER_MAX - 1) + "…";
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
