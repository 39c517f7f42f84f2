package dev.tutti.common.trace;

import static java.util.stream.IntStream.range;

import dev.tutti.common.nn.layer.Dense;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.text.TextTable;
import dev.tutti.common.trace.Trace.Flow;
import dev.tutti.common.trace.Trace.LayerTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A trace laid out along the network for a terminal: layer by layer in the order of the forward
 * pass, under each number the derivative that the backward pass found for it.
 */
public final class TraceText {
    /** Units and inputs of a layer that are shown. */
    public static final int SHOWN_MAX = 16;

    private static final String GRADIENT = "∂C/∂";

    private final Trace trace;
    private final StringBuilder out = new StringBuilder();

    private TraceText(Trace trace) {
        this.trace = trace;
    }

    /** Returns {@code trace} as text. */
    public static String of(Trace trace) {
        return new TraceText(trace).text();
    }

    private String text() {
        out.append(
                """
                %s, %s, sample %d
                Under each number of the forward pass stands the cost's derivative by it, %s.

                """
                        .formatted(
                                trace.model(),
                                Losses.CATALOGUE.format(trace.loss()),
                                trace.sample(),
                                GRADIENT));
        input();
        for (var layer : trace.layers()) {
            switch (layer.layer()) {
                case Dense _ -> dense(layer);
                default -> other(layer);
            }
        }
        cost();
        effort();
        return out.toString();
    }

    private void input() {
        out.append("input  %d values\n".formatted(trace.input().size()));
        var table = new TextTable("l" + "r".repeat(SHOWN_MAX + 1));
        table.row(line("x", trace.input(), Double::doubleValue));
        append(table);
        leftOut(trace.input().size() - SHOWN_MAX, "of x");
        out.append('\n');
    }

    private void dense(LayerTrace layer) {
        var weight = layer.parameters().get(0);
        var bias = layer.parameters().get(1);
        var units = weight.shape().extent(0);
        var inputs = weight.shape().extent(1);
        var shown = Math.min(inputs, SHOWN_MAX);
        heading(layer, layer.index() == 0 ? "z = W·x + b, δ = ∂C/∂z" : "z = W·a + b, δ = ∂C/∂z");
        var table = new TextTable("rl" + "r".repeat(shown + 3));
        var head = new ArrayList<>(List.of("unit", ""));
        range(0, shown).mapToObj(i -> "W " + i).forEach(head::add);
        head.addAll(inputs > shown ? List.of("…", "b", "z") : List.of("b", "z"));
        table.row(head);
        for (var unit = 0; unit < Math.min(units, SHOWN_MAX); unit++) {
            var row = weight.elements().subList(unit * inputs, unit * inputs + shown);
            var ends = List.of(bias.elements().get(unit), layer.outputs().get(unit));
            var name = Integer.toString(unit);
            table.row(unit(name, "", row, inputs > shown, ends, Flow::value));
            table.row(unit("", GRADIENT, row, inputs > shown, ends, Flow::gradient));
        }
        append(table);
        leftOut(units - SHOWN_MAX, "units");
        leftOut(inputs - SHOWN_MAX, "inputs of each unit");
        out.append('\n');
    }

    private static List<String> unit(
            String name,
            String label,
            List<Flow> weights,
            boolean more,
            List<Flow> ends,
            ToDoubleFunction<Flow> part) {
        var cells = new ArrayList<>(List.of(name, label));
        weights.forEach(flow -> cells.add(Numbers.brief(part.applyAsDouble(flow))));
        if (more) {
            cells.add("…");
        }
        ends.forEach(flow -> cells.add(Numbers.brief(part.applyAsDouble(flow))));
        return cells;
    }

    private void other(LayerTrace layer) {
        heading(layer, "");
        var table = new TextTable("l" + "r".repeat(SHOWN_MAX + 1));
        for (var parameter : layer.parameters()) {
            addFlows(table, parameter.name(), parameter.elements());
        }
        addFlows(table, "a", layer.outputs());
        append(table);
        for (var parameter : layer.parameters()) {
            leftOut(parameter.elements().size() - SHOWN_MAX, "of " + parameter.name());
        }
        leftOut(layer.outputs().size() - SHOWN_MAX, "of a");
        out.append('\n');
    }

    private static void addFlows(TextTable table, String name, List<Flow> flows) {
        table.row(line(name, flows, Flow::value));
        table.row(line(GRADIENT + name, flows, Flow::gradient));
    }

    private static <T> List<String> line(String name, List<T> items, ToDoubleFunction<T> part) {
        var cells = new ArrayList<String>();
        cells.add(name);
        items.stream()
                .limit(SHOWN_MAX)
                .map(item -> Numbers.brief(part.applyAsDouble(item)))
                .forEach(cells::add);
        if (items.size() > SHOWN_MAX) {
            cells.add("…");
        }
        return cells;
    }

    private void heading(LayerTrace layer, String formula) {
        var text =
                "layer %d  %s  %s → %s  %s"
                        .formatted(
                                layer.index(),
                                Layers.CATALOGUE.format(layer.layer()),
                                layer.input(),
                                layer.output(),
                                formula);
        out.append(text.stripTrailing()).append('\n');
    }

    private void cost() {
        out.append("cost  %s\n".formatted(Losses.CATALOGUE.format(trace.loss())));
        var table = new TextTable("l" + "r".repeat(SHOWN_MAX + 1));
        switch (trace.loss().targets()) {
            case LABELS -> table.row("label", Long.toString(trace.target().getFirst().longValue()));
            case VALUES -> table.row(line("y", trace.target(), Double::doubleValue));
        }
        table.row("C", Numbers.brief(trace.cost()));
        append(table);
        leftOut(trace.target().size() - SHOWN_MAX, "of y");
        out.append('\n');
    }

    private void effort() {
        var effort = trace.effort();
        out.append(
                String.format(
                        Locale.ROOT,
                        """
                        local derivatives evaluated for all %,d weights
                          reverse mode  %,d in 1 sweep
                          forward mode  %,d in %,d sweeps, one for each weight
                        """,
                        effort.weights(),
                        effort.reverse(),
                        effort.forward(),
                        effort.weights()));
    }

    private void append(TextTable table) {
        out.append(table.toString().indent(2));
    }

    private void leftOut(int count, String of) {
        if (count > 0) {
            out.append(String.format(Locale.ROOT, "  … and %,d more %s\n", count, of));
        }
    }
}
