package dev.tutti.common.trace;

import dev.tutti.common.nn.layer.Dense;
import dev.tutti.common.trace.Trace.Flow;
import dev.tutti.common.trace.Trace.LayerTrace;
import java.util.ArrayList;
import java.util.List;

/**
 * One column of the drawing: a layer, and behind it those without parameters that keep its width,
 * such as its activation. A unit is one box, with a line for each layer.
 *
 * @param layers at least one
 */
record TraceColumn(List<LayerTrace> layers) {
    /** Units that are drawn. */
    static final int UNITS_MAX = 16;

    /** Inputs of a unit up to which each weight's numbers are written. */
    static final int LABELLED_MAX = 8;

    TraceColumn {
        layers = List.copyOf(layers);
    }

    /** Returns the columns of {@code trace}, the input left out. */
    static List<TraceColumn> of(Trace trace) {
        var columns = new ArrayList<TraceColumn>();
        var group = new ArrayList<LayerTrace>();
        for (var layer : trace.layers()) {
            if (!group.isEmpty() && !belongs(layer)) {
                columns.add(new TraceColumn(group));
                group.clear();
            }
            group.add(layer);
        }
        columns.add(new TraceColumn(group));
        return columns;
    }

    private static boolean belongs(LayerTrace layer) {
        return layer.parameters().isEmpty() && layer.input().size() == layer.output().size();
    }

    private LayerTrace head() {
        return layers.getFirst();
    }

    /** Tells whether every unit has a weight for every input. */
    boolean isDense() {
        return head().layer() instanceof Dense;
    }

    /** Tells whether the weights' numbers are written at the edges. */
    boolean isLabelled() {
        return isDense() && inputs() <= LABELLED_MAX;
    }

    int inputs() {
        return head().input().size();
    }

    int units() {
        return head().output().size();
    }

    int unitsShown() {
        return Math.min(units(), UNITS_MAX);
    }

    int unitsLeftOut() {
        return units() - unitsShown();
    }

    /** Returns the weight of a dense column. */
    Flow weight(int unit, int input) {
        return head().parameters().get(0).elements().get(unit * inputs() + input);
    }

    /** Returns the bias of a dense column. */
    Flow bias(int unit) {
        return head().parameters().get(1).elements().get(unit);
    }

    /** Returns the size of the largest weight of a dense column. */
    double largestWeight() {
        return head().parameters().get(0).elements().stream()
                .mapToDouble(flow -> Math.abs(flow.value()))
                .max()
                .orElse(0);
    }

    /** Returns what the unit's line for layer {@code index} of the column is called: z, a, a′. */
    String symbol(int index) {
        if (isDense() && index == 0) {
            return "z";
        }
        return "a" + "′".repeat(isDense() ? index - 1 : index);
    }
}
