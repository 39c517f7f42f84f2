package dev.tutti.deploy.report.html;

import java.util.ArrayList;
import java.util.List;

/**
 * One line of a figure.
 *
 * @param label what it is of
 * @param points in the order of x
 */
record Curve(String label, List<Point> points) {
    /** Copies the list. */
    Curve {
        points = List.copyOf(points);
    }

    /**
     * A point of a curve.
     *
     * @param y the mean over the runs of the curve
     * @param low the lowest of them
     * @param high the highest of them
     */
    record Point(double x, double y, double low, double high) {}

    /** Returns the mean of several curves, point by point, as far as all of them go. */
    static Curve mean(String label, List<Curve> curves) {
        var count = curves.stream().mapToInt(curve -> curve.points().size()).min().orElse(0);
        var points = new ArrayList<Point>();
        for (var i = 0; i < count; i++) {
            var at = i;
            var here = curves.stream().map(curve -> curve.points().get(at)).toList();
            points.add(
                    new Point(
                            here.stream().mapToDouble(Point::x).average().orElseThrow(),
                            here.stream().mapToDouble(Point::y).average().orElseThrow(),
                            here.stream().mapToDouble(Point::low).min().orElseThrow(),
                            here.stream().mapToDouble(Point::high).max().orElseThrow()));
        }
        return new Curve(label, points);
    }
}
