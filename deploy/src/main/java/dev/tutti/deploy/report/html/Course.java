package dev.tutti.deploy.report.html;

import dev.tutti.deploy.report.html.Moment.Measured;
import java.util.ArrayList;
import java.util.List;

/** Reduces what a run measured to as many points as a figure can show. */
final class Course {
    static final int POINTS_MAX = 80;

    private Course() {}

    /**
     * Returns means over stretches of equal length, each at the end of its stretch. A value that is
     * not finite is left out.
     */
    static List<Measured> reduced(List<Measured> all) {
        var finite = all.stream().filter(measured -> Double.isFinite(measured.value())).toList();
        var count = finite.size();
        var stretches = Math.min(count, POINTS_MAX);
        var reduced = new ArrayList<Measured>(stretches);
        for (var i = 0; i < stretches; i++) {
            var stretch =
                    finite.subList(
                            (int) ((long) count * i / stretches),
                            (int) ((long) count * (i + 1) / stretches));
            reduced.add(
                    new Measured(
                            stretch.getLast().at(),
                            stretch.stream().mapToDouble(Measured::value).average().orElseThrow()));
        }
        return reduced;
    }
}
