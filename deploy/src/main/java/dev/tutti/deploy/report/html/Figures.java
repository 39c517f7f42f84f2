package dev.tutti.deploy.report.html;

import dev.tutti.deploy.report.html.Curve.Point;
import dev.tutti.deploy.report.html.Moment.Axis;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/** The figures of some runs: each quantity against each way to count how far a run was. */
public final class Figures {
    private Figures() {}

    /**
     * Draws.
     *
     * @param id begins the names of the figures within their page
     * @param of what the runs are of, as the end of a title; empty for all runs
     * @param groups runs by the label of their curve; a curve is the mean of its runs
     */
    public static Markup of(
            String id, String of, SequencedMap<String, ? extends Collection<RecordedRun>> groups) {
        var markup = new Markup();
        var many = groups.size() > LineFigure.CURVES_MAX;
        if (many) {
            markup.element(
                    "p",
                    "The first %d of %d curves are drawn; the tables have all runs."
                            .formatted(LineFigure.CURVES_MAX, groups.size()));
        }
        markup.open("div", "class", "figures");
        for (var axis : Axis.values()) {
            for (var quantity : Quantity.values()) {
                var curves = new ArrayList<Curve>();
                groups.forEach((label, runs) -> {
                    var curve = curve(label, runs, quantity, axis);
                    if (!curve.points().isEmpty() && curves.size() < LineFigure.CURVES_MAX) {
                        curves.add(curve);
                    }
                });
                if (!curves.isEmpty()) {
                    markup.add(figure(id, of, quantity, axis, curves).markup());
                }
            }
        }
        return markup.close("div");
    }

    private static LineFigure figure(
            String id, String of, Quantity quantity, Axis axis, List<Curve> curves) {
        return new LineFigure(
                "%s-%s-%s".formatted(id, quantity.name(), axis.name()).toLowerCase(Locale.ROOT),
                "%s against %s%s".formatted(quantity.text(), axis.text(), of),
                axis.text(),
                quantity.text(),
                curves);
    }

    private static Curve curve(
            String label, Collection<RecordedRun> runs, Quantity quantity, Axis axis) {
        return Curve.mean(
                label, runs.stream().map(run -> curve(label, run, quantity, axis)).toList());
    }

    private static Curve curve(String label, RecordedRun run, Quantity quantity, Axis axis) {
        var points = new ArrayList<Point>();
        for (var measured : run.courses().getOrDefault(quantity, List.of())) {
            var x = axis.of(measured.at());
            if (Double.isFinite(x)) {
                points.add(new Point(x, measured.value(), measured.value(), measured.value()));
            }
        }
        return new Curve(label, points);
    }
}
