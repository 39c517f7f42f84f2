package dev.tutti.deploy.study;

import dev.tutti.deploy.cli.Versions;
import dev.tutti.deploy.report.html.Figures;
import dev.tutti.deploy.report.html.Markup;
import dev.tutti.deploy.report.html.Page;
import dev.tutti.deploy.report.html.RecordedRun;
import dev.tutti.deploy.report.html.RunTables;
import dev.tutti.deploy.report.html.Table;
import dev.tutti.deploy.study.StudyResults.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/** The page of a study: what varied, the tables, the curves, and all runs. */
final class StudyReport {
    /** More curves than these in one figure are split over several figures. */
    private static final int CURVES_MAX = 8;

    private StudyReport() {}

    static String of(Study study, List<Row> rows) {
        var table = StudyTable.of(study, rows);
        var body =
                new Markup()
                        .element("p", progress(rows))
                        .element("h2", "What varies")
                        .add(axes(study))
                        .element("h2", sentence(table.figureText()))
                        .add(table.markup(rows));
        table.ofTime(rows).ifPresent(time -> body.add(time.markup(rows)));
        body.element("h2", "Curves")
                .element(
                        "p",
                        "A curve is the mean over the seeds; its band goes from the lowest to the highest run.")
                .add(curves(table, rows));
        failures(rows, body);
        var done = done(rows);
        body.element("h2", "All runs").add(RunTables.figures(done));
        if (!done.isEmpty()) {
            body.element("h2", "Settings").add(RunTables.shared(done.values()));
            body.element("h2", "To repeat a run").add(RunTables.commands(done));
        }
        return Page.of(study.title(), body);
    }

    private static String progress(List<Row> rows) {
        var texts = new ArrayList<String>();
        for (var state : RunState.values()) {
            var count = rows.stream().filter(row -> row.state() == state).count();
            if (count > 0) {
                texts.add("%d %s".formatted(count, state.text()));
            }
        }
        return "%d %s: %s. Tutti %s made this page; it needs no network."
                .formatted(
                        rows.size(),
                        rows.size() == 1 ? "run" : "runs",
                        String.join(", ", texts),
                        Versions.version());
    }

    private static String sentence(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static Markup axes(Study study) {
        var table = new Table("each value is combined with each of the others");
        table.head(List.of("setting", "values"));
        for (var axis : study.axes()) {
            table.name(axis.name())
                    .code(String.join(" | ", axis.values().stream().map(axis::labelIn).toList()))
                    .endRow();
        }
        if (!study.seeds().isEmpty()) {
            table.name(Study.SEED)
                    .code(String.join(" | ", study.seeds().stream().map(String::valueOf).toList()))
                    .endRow();
        }
        return table.markup();
    }

    /**
     * Draws a curve for each combination, in figures for each value of the rows if there are many.
     */
    private static Markup curves(StudyTable table, List<Row> rows) {
        var all = byCombination(rows, List.of());
        var side = table.shorterSide();
        if (all.size() <= CURVES_MAX || side.isEmpty()) {
            return Figures.of("all", "", all);
        }
        var axis = side.get();
        var parts = new LinkedHashMap<String, List<Row>>();
        for (var row : rows) {
            var value = Axis.label(axis.keys(), row.run().combination().varied());
            parts.computeIfAbsent(value, _ -> new ArrayList<>()).add(row);
        }
        var markup = new Markup();
        var number = 0;
        for (var part : parts.entrySet()) {
            number++;
            markup.element("h3", part.getKey())
                    .add(
                            Figures.of(
                                    "part" + number,
                                    ", " + part.getKey(),
                                    byCombination(part.getValue(), axis.keys())));
        }
        return markup;
    }

    /**
     * Returns the runs of each combination by the label of their curve.
     *
     * @param told settings that the label need not name
     */
    private static SequencedMap<String, List<RecordedRun>> byCombination(
            List<Row> rows, List<String> told) {
        var groups = new LinkedHashMap<String, List<RecordedRun>>();
        for (var row : rows) {
            var varied = row.run().combination().varied();
            var untold = new ArrayList<>(varied.sequencedKeySet());
            untold.removeAll(told);
            var settings = Axis.label(untold, varied);
            row.recorded()
                    .ifPresent(run ->
                            groups.computeIfAbsent(
                                            settings.isEmpty() ? "all runs" : settings,
                                            _ -> new ArrayList<>())
                                    .add(run));
        }
        return groups;
    }

    private static void failures(List<Row> rows, Markup out) {
        var failed = rows.stream().filter(row -> row.state() == RunState.FAILED).toList();
        if (failed.isEmpty()) {
            return;
        }
        var table = new Table("runs that could not go on; remove a folder to try it again");
        table.head(List.of("run", "folder", "why"));
        for (var row : failed) {
            table.name(row.run().combination().label())
                    .code(row.run().name())
                    .text(row.failure())
                    .endRow();
        }
        out.element("h2", "Failed runs").add(table.markup());
    }

    private static SequencedMap<String, RecordedRun> done(List<Row> rows) {
        var done = new LinkedHashMap<String, RecordedRun>();
        for (var row : rows) {
            row.recorded().ifPresent(run -> done.put(row.run().combination().label(), run));
        }
        return done;
    }
}
