package dev.tutti.common.trace;

import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.trace.Svg.Box;
import dev.tutti.common.trace.Trace.Flow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A trace as a drawing: the network from left to right, at each unit and each edge the number of
 * the forward pass in blue and its derivative from the backward pass in orange.
 *
 * <p>The numbers of a unit's weights stand in a list at its left side, one for each edge that
 * arrives, so they never overlap. Layers other than dense ones are joined by one arrow.
 */
public final class TraceSvg {
    private static final double MARGIN = 32;
    private static final double TOP = 84;
    private static final double LINE = 18;
    private static final double LANE = 110;
    private static final double LANE_MAX = 200;
    private static final double CHIP_WIDTH = 150;
    private static final double CHIP_PITCH = 21;
    private static final double STUB = 16;
    private static final double INPUT_WIDTH = 86;
    private static final double UNIT_WIDTH = 158;
    private static final double UNIT_GAP = 22;
    private static final double UNIT_GAP_MAX = 60;
    private static final double FOOT = 104;
    private static final int NAME_MAX = 34;

    private final Trace trace;
    private final List<TraceColumn> columns;
    private final Svg svg = new Svg();
    private final double headHeight;
    private final double bodyHeight;
    private List<Box> before = List.of();
    private double x = MARGIN;

    private TraceSvg(Trace trace) {
        this.trace = trace;
        columns = TraceColumn.of(trace);
        headHeight = LINE * columns.stream().mapToInt(c -> c.layers().size()).max().orElse(1);
        bodyHeight =
                Math.max(
                        Math.max(inputHeight(), costHeight()),
                        columns.stream().mapToDouble(TraceSvg::height).max().orElse(0));
    }

    /** Returns {@code trace} as an SVG document. */
    public static String of(Trace trace) {
        return new TraceSvg(trace).draw();
    }

    private String draw() {
        var title = "%s, %s".formatted(trace.model(), Losses.CATALOGUE.format(trace.loss()));
        svg.text(shortened(title, 110), MARGIN, 34, "title");
        svg.text(
                "sample %d: one pass forward and one pass back".formatted(trace.sample()),
                MARGIN,
                56,
                "note");
        input();
        columns.forEach(this::column);
        cost();
        var footAt = TOP + headHeight + bodyHeight + 46;
        TraceLegend.draw(trace.effort(), MARGIN, footAt, svg);
        var width = Math.max(x + MARGIN, 1000);
        return svg.page(width, TOP + headHeight + bodyHeight + FOOT, title, TraceLegend.STYLES);
    }

    private void input() {
        heading(List.of("input"), x + INPUT_WIDTH / 2);
        var shown = Math.min(trace.input().size(), TraceColumn.UNITS_MAX);
        var boxes = stack(x, INPUT_WIDTH, shown, LINE + 10);
        for (var i = 0; i < shown; i++) {
            var box = boxes.get(i);
            svg.box(box, "input");
            svg.text("x", box.x() + 9, box.middle() + 4, "name");
            svg.text(
                    Numbers.brief(trace.input().get(i)),
                    box.right() - 8,
                    box.middle() + 4,
                    "value");
        }
        leftOut(trace.input().size() - shown, boxes);
        before = boxes;
        x += INPUT_WIDTH;
    }

    private void column(TraceColumn column) {
        var chips = column.isLabelled() ? CHIP_WIDTH + STUB : 0;
        var unitX = x + lane(column) + chips;
        heading(names(column), unitX + (UNIT_WIDTH - chips) / 2);
        var boxes = stack(unitX, UNIT_WIDTH, column.unitsShown(), blockHeight(column));
        if (!column.isDense()) {
            arrow(x, unitX);
        }
        for (var unit = 0; unit < boxes.size(); unit++) {
            if (column.isLabelled()) {
                labelledEdges(column, unit, boxes.get(unit));
            } else if (column.isDense()) {
                plainEdges(column, unit, boxes.get(unit));
            }
            unit(column, unit, boxes.get(unit));
        }
        leftOut(column.unitsLeftOut(), boxes);
        before = boxes;
        x = unitX + UNIT_WIDTH;
    }

    /** Draws a unit: a line of name, value and gradient for each layer of the column. */
    private void unit(TraceColumn column, int unit, Box block) {
        var height = boxHeight(column);
        var box = new Box(block.x(), block.middle() - height / 2, block.width(), height);
        svg.box(box, "unit");
        for (var i = 0; i < column.layers().size(); i++) {
            var flow = column.layers().get(i).outputs().get(unit);
            numbers(column.symbol(i), flow, box, box.y() + 5 + LINE * (i + 0.75));
        }
    }

    private void labelledEdges(TraceColumn column, int unit, Box block) {
        var inputs = column.inputs();
        var first = block.middle() - CHIP_PITCH * inputs / 2;
        var chipX = block.x() - STUB - CHIP_WIDTH;
        for (var i = 0; i <= inputs; i++) {
            var flow = i < inputs ? column.weight(unit, i) : column.bias(unit);
            var y = first + CHIP_PITCH * i;
            var style = style(flow);
            var thickness = thickness(flow, column);
            var name = i < inputs ? "w" : "b";
            svg.open("%s: %s, ∂C/∂%s %s".formatted(name, flow.value(), name, flow.gradient()));
            if (i < inputs) {
                svg.curve(x, before.get(i).middle(), chipX, y, thickness, style);
            }
            var arrival = arrival(column, block, y);
            svg.curve(chipX + CHIP_WIDTH, y, block.x(), arrival, thickness, style);
            var chip = new Box(chipX, y - CHIP_PITCH / 2 + 1.5, CHIP_WIDTH, CHIP_PITCH - 3);
            svg.box(chip, "chip");
            numbers(name, flow, chip, y + 4);
            svg.close();
        }
    }

    /** Returns where at the unit's box an edge arrives that comes from height {@code y}. */
    private static double arrival(TraceColumn column, Box block, double y) {
        var reach = boxHeight(column) / 2 - 7;
        return Math.clamp(y, block.middle() - reach, block.middle() + reach);
    }

    private void plainEdges(TraceColumn column, int unit, Box block) {
        for (var i = 0; i < before.size(); i++) {
            var flow = column.weight(unit, i);
            svg.curve(
                    x,
                    before.get(i).middle(),
                    block.x(),
                    block.middle(),
                    thickness(flow, column),
                    style(flow));
        }
    }

    private void cost() {
        var left = x + LANE * 0.6;
        heading(List.of("cost"), left + UNIT_WIDTH / 2);
        var height = costHeight();
        var box = new Box(left, bodyTop() + (bodyHeight - height) / 2, UNIT_WIDTH, height);
        for (var output : before) {
            svg.curve(x, output.middle(), left, box.middle(), 1.2, "join");
        }
        svg.box(box, "cost");
        var y = box.y() + 5 + LINE * 0.75;
        svg.text(Losses.CATALOGUE.format(trace.loss()), box.x() + 9, y, "note");
        for (var i = 0; i < targetsShown(); i++) {
            y += LINE;
            svg.text(targetName(), box.x() + 9, y, "name");
            svg.text(target(i), box.right() - 8, y, "value");
        }
        y += LINE;
        svg.text("C", box.x() + 9, y, "name");
        svg.text(Numbers.brief(trace.cost()), box.right() - 8, y, "value");
        leftOut(trace.target().size() - targetsShown(), List.of(box));
        x = box.right();
    }

    private String targetName() {
        return trace.loss().targets() == Targets.Kind.LABELS ? "label" : "y";
    }

    private String target(int index) {
        var target = trace.target().get(index);
        return trace.loss().targets() == Targets.Kind.LABELS
                ? Long.toString(target.longValue())
                : Numbers.brief(target);
    }

    private void arrow(double from, double to) {
        var y = bodyTop() + bodyHeight / 2;
        svg.curve(from + 14, y, to - 14, y, 5, "join");
        svg.curve(to - 26, y - 10, to - 14, y, 3, "join");
        svg.curve(to - 26, y + 10, to - 14, y, 3, "join");
    }

    private void numbers(String name, Flow flow, Box box, double y) {
        svg.text(name, box.x() + 9, y, "name");
        svg.text(Numbers.brief(flow.value()), box.right() - 74, y, "value");
        svg.text(Numbers.brief(flow.gradient()), box.right() - 8, y, "flow");
    }

    private void heading(List<String> lines, double center) {
        for (var i = 0; i < lines.size(); i++) {
            svg.text(lines.get(i), center, TOP + LINE * i, "head");
        }
    }

    private static List<String> names(TraceColumn column) {
        var lines = new ArrayList<String>();
        for (var i = 0; i < column.layers().size(); i++) {
            var layer = column.layers().get(i);
            var text = "%d %s".formatted(layer.index(), Layers.CATALOGUE.format(layer.layer()));
            lines.add(shortened(text, NAME_MAX) + ": " + column.symbol(i));
        }
        return lines;
    }

    private void leftOut(int count, List<Box> boxes) {
        if (count > 0) {
            var last = boxes.getLast();
            var text = String.format(Locale.ROOT, "… %,d more", count);
            svg.text(text, last.x(), last.y() + last.height() + LINE, "note");
        }
    }

    /** Returns boxes one below the other, with more room between them where there is some. */
    private List<Box> stack(double left, double width, int count, double boxHeight) {
        var gap = Math.clamp(bodyHeight / count - boxHeight, UNIT_GAP, UNIT_GAP_MAX);
        var y = bodyTop() + (bodyHeight - count * (boxHeight + gap) + gap) / 2;
        var boxes = new ArrayList<Box>();
        for (var i = 0; i < count; i++) {
            boxes.add(new Box(left, y + i * (boxHeight + gap), width, boxHeight));
        }
        return boxes;
    }

    /**
     * Returns the room for the edges in front of a column: many of them cross less in a wide one.
     */
    private double lane(TraceColumn column) {
        return Math.clamp(LANE + 4L * (before.size() + column.unitsShown() - 6), LANE, LANE_MAX);
    }

    private double bodyTop() {
        return TOP + headHeight;
    }

    private double inputHeight() {
        var shown = Math.min(trace.input().size(), TraceColumn.UNITS_MAX);
        return shown * (LINE + 10 + UNIT_GAP) - UNIT_GAP;
    }

    private int targetsShown() {
        return Math.min(trace.target().size(), TraceColumn.UNITS_MAX);
    }

    private double costHeight() {
        return LINE * (targetsShown() + 2) + 10;
    }

    private static double height(TraceColumn column) {
        return column.unitsShown() * (blockHeight(column) + UNIT_GAP) - UNIT_GAP;
    }

    private static double blockHeight(TraceColumn column) {
        var chips = column.isLabelled() ? CHIP_PITCH * (column.inputs() + 1) : 0;
        return Math.max(boxHeight(column), chips);
    }

    private static double boxHeight(TraceColumn column) {
        return LINE * column.layers().size() + 10;
    }

    private static double thickness(Flow weight, TraceColumn column) {
        var largest = column.largestWeight();
        var share = largest == 0 ? 0 : Math.min(1, Math.abs(weight.value()) / largest);
        return 0.6 + (column.isLabelled() ? 3.4 : 1.8) * share;
    }

    private static String style(Flow weight) {
        return weight.value() < 0 ? "minus" : "plus";
    }

    private static String shortened(String text, int lengthMax) {
        return text.length() <= lengthMax ? text : text.substring(0, lengthMax - 1) + "…";
    }
}
