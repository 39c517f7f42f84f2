package dev.tutti.deploy.report.html;

import dev.tutti.deploy.report.html.Curve.Point;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Curves over each other, with a table of the numbers behind them. Each curve has its own colour
 * and kind of line.
 *
 * @param id of the figure within its page
 * @param title what it shows
 * @param x what is to the right, in words
 * @param y what is upwards, in words
 * @param curves at least one, each with a point
 */
record LineFigure(String id, String title, String x, String y, List<Curve> curves) {
    /** Curves that a reader can tell apart. */
    static final int CURVES_MAX = 32;

    private static final double LENGTH_RATIO_OF_LINEAR_MAX = 5;
    private static final int TITLE_CHARACTERS_MAX = 66;
    private static final int COLOURS = 8;
    private static final int DASHES = 4;
    private static final double WIDTH = 560;
    private static final double LEFT = 64;
    private static final double RIGHT = 544;
    private static final double TOP = 34;
    private static final double BOTTOM = 290;
    private static final double LEGEND_TOP = 340;
    private static final double LEGEND_LINE = 18;
    private static final double SAMPLE_WIDTH = 34;
    private static final int LABEL_CHARACTERS_MAX = 78;

    /** Returns the figure. */
    Markup markup() {
        return new Markup().open("figure").add(drawing()).add(numbers()).close("figure");
    }

    private Markup drawing() {
        var across = across();
        var upwards =
                Scale.of(
                        points(Point::low).min().orElseThrow(),
                        points(Point::high).max().orElseThrow());
        var height = LEGEND_TOP + LEGEND_LINE * curves.size();
        var drawing =
                new Markup()
                        .open(
                                "svg",
                                "xmlns",
                                "http://www.w3.org/2000/svg",
                                "viewBox",
                                "0 0 %s %s".formatted(pixels(WIDTH), pixels(height)),
                                "role",
                                "img",
                                "aria-labelledby",
                                "%1$s-title %1$s-desc".formatted(id))
                        .element("title", title, "id", id + "-title")
                        .element("desc", description(across, upwards), "id", id + "-desc");
        text(drawing, shortened(title, TITLE_CHARACTERS_MAX), 8, 20, "heading");
        axes(across, upwards, drawing);
        for (var i = 0; i < curves.size(); i++) {
            draw(curves.get(i), i, across, upwards, drawing);
        }
        return drawing.close("svg");
    }

    /** Returns the scale to the right; runs of very different lengths need a logarithmic one. */
    private Scale across() {
        var first = points(Point::x).min().orElseThrow();
        var ends = curves.stream().mapToDouble(curve -> curve.points().getLast().x()).toArray();
        var shortest = Arrays.stream(ends).min().orElseThrow();
        var longest = Arrays.stream(ends).max().orElseThrow();
        return Scale.ofProgress(
                first, longest, first > 0 && longest > shortest * LENGTH_RATIO_OF_LINEAR_MAX);
    }

    private DoubleStream points(ToDoubleFunction<Point> value) {
        return curves.stream().flatMap(curve -> curve.points().stream()).mapToDouble(value);
    }

    private String description(Scale across, Scale upwards) {
        return "%s%s against %s%s. %s."
                .formatted(
                        y,
                        upwards.logarithmic() ? " on a logarithmic scale" : "",
                        x,
                        across.logarithmic() ? " on a logarithmic scale" : "",
                        curves.stream()
                                .map(curve ->
                                        "%s ends at %s"
                                                .formatted(
                                                        curve.label(),
                                                        Numbers.text(curve.points().getLast().y())))
                                .collect(Collectors.joining("; ")));
    }

    private void axes(Scale across, Scale upwards, Markup out) {
        for (var tick : upwards.ticks()) {
            var at = down(upwards, tick);
            line(LEFT, at, RIGHT, at, "grid", out);
            text(out, Numbers.tick(tick), LEFT - 6, at + 4, "end");
        }
        for (var tick : across.ticks()) {
            var at = right(across, tick);
            line(at, BOTTOM, at, BOTTOM + 5, "axis", out);
            text(out, Numbers.tick(tick), at, BOTTOM + 19, "middle");
        }
        line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis", out);
        line(LEFT, TOP, LEFT, BOTTOM, "axis", out);
        text(
                out,
                x + (across.logarithmic() ? ", logarithmic" : ""),
                (LEFT + RIGHT) / 2,
                BOTTOM + 36,
                "middle");
    }

    private static void draw(Curve curve, int index, Scale across, Scale upwards, Markup out) {
        var colour = "c" + index % COLOURS;
        var dash = "d" + (index + index / COLOURS) % DASHES;
        out.open("g").element("title", curve.label());
        if (curve.points().stream().anyMatch(point -> point.high() > point.low())) {
            out.empty(
                    "polygon",
                    "class",
                    "band fill " + colour,
                    "points",
                    path(curve.points(), Point::high, across, upwards)
                            + " "
                            + path(curve.points().reversed(), Point::low, across, upwards));
        }
        if (curve.points().size() == 1) {
            var point = curve.points().getFirst();
            out.empty(
                    "circle",
                    "class",
                    "point fill " + colour,
                    "cx",
                    pixels(right(across, point.x())),
                    "cy",
                    pixels(down(upwards, point.y())),
                    "r",
                    "4");
        }
        var style = "curve %s %s".formatted(colour, dash);
        out.empty(
                "polyline",
                "class",
                style,
                "points",
                path(curve.points(), Point::y, across, upwards));
        var at = LEGEND_TOP + LEGEND_LINE * index;
        line(LEFT, at, LEFT + SAMPLE_WIDTH, at, style, out);
        text(
                out,
                shortened(curve.label(), LABEL_CHARACTERS_MAX),
                LEFT + SAMPLE_WIDTH + 8,
                at + 4,
                "label");
        out.close("g");
    }

    private static String path(
            List<Point> points, ToDoubleFunction<Point> y, Scale across, Scale upwards) {
        return points.stream()
                .map(point ->
                        pixels(right(across, point.x()))
                                + ","
                                + pixels(down(upwards, y.applyAsDouble(point))))
                .collect(Collectors.joining(" "));
    }

    private static double right(Scale across, double value) {
        return LEFT + (RIGHT - LEFT) * across.place(value);
    }

    private static double down(Scale upwards, double value) {
        return BOTTOM - (BOTTOM - TOP) * upwards.place(value);
    }

    private static void line(double x1, double y1, double x2, double y2, String style, Markup out) {
        out.empty(
                "line",
                "class",
                style,
                "x1",
                pixels(x1),
                "y1",
                pixels(y1),
                "x2",
                pixels(x2),
                "y2",
                pixels(y2));
    }

    private static void text(Markup out, String text, double x, double y, String style) {
        out.element("text", text, "class", style, "x", pixels(x), "y", pixels(y));
    }

    private static String pixels(double value) {
        return Numbers.pixels(value);
    }

    private static String shortened(String text, int charactersMax) {
        return text.length() <= charactersMax ? text : text.substring(0, charactersMax) + "…";
    }

    private Markup numbers() {
        var isSpread =
                curves.stream()
                        .flatMap(curve -> curve.points().stream())
                        .anyMatch(point -> point.high() > point.low());
        var table = new Table("the numbers of this figure: " + title);
        table.head(isSpread ? List.of("curve", x, y, "lowest", "highest") : List.of("curve", x, y));
        for (var curve : curves) {
            for (var point : curve.points()) {
                table.text(curve.label()).number(point.x()).number(point.y());
                if (isSpread) {
                    table.number(point.low()).number(point.high());
                }
                table.endRow();
            }
        }
        return new Markup()
                .open("details")
                .element("summary", "The numbers")
                .add(table.markup())
                .close("details");
    }
}
