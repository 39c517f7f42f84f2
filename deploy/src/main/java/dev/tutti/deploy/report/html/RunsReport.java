package dev.tutti.deploy.report.html;

import dev.tutti.deploy.cli.Versions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** The report of runs that a reader chose: their curves over each other, figures and settings. */
public final class RunsReport {
    /** Its name in the folder of a run. */
    public static final String FILE = "report.html";

    private RunsReport() {}

    /**
     * Returns the page.
     *
     * @param runs at least one
     */
    public static String of(List<RecordedRun> runs) {
        var settings = ChangedSettings.of(runs);
        var labels = settings.labels(runs);
        var labelled = new LinkedHashMap<String, RecordedRun>();
        var curves = new LinkedHashMap<String, List<RecordedRun>>();
        for (var i = 0; i < runs.size(); i++) {
            labelled.put(labels.get(i), runs.get(i));
            curves.put(labels.get(i), List.of(runs.get(i)));
        }
        var body =
                new Markup()
                        .element("p", introduction(runs))
                        .element("h2", "Final figures")
                        .add(RunTables.figures(labelled))
                        .element("h2", "Curves")
                        .element(
                                "p",
                                "A curve has at most %d points; each is the mean since the point before it."
                                        .formatted(Course.POINTS_MAX))
                        .add(Figures.of("all", "", curves));
        body.add(RunTables.rules(labelled))
                .add(RunTables.proofs(labelled))
                .element("h2", "Settings");
        if (runs.size() > 1) {
            body.add(changed(settings, labelled));
        }
        body.add(RunTables.shared(runs))
                .element("h2", "To repeat a run")
                .add(RunTables.commands(labelled));
        return Page.of(title(runs), body);
    }

    private static String title(List<RecordedRun> runs) {
        return runs.size() == 1
                ? "Run " + runs.getFirst().name()
                : "%d runs".formatted(runs.size());
    }

    private static String introduction(List<RecordedRun> runs) {
        return "Tutti %s made this page from %s. It needs no network."
                .formatted(
                        Versions.version(),
                        runs.size() == 1
                                ? runs.getFirst().folder().toString()
                                : "%d folders of runs".formatted(runs.size()));
    }

    private static Markup changed(
            ChangedSettings settings, SequencedMap<String, RecordedRun> runs) {
        if (settings.changed().isEmpty()) {
            return new Markup().element("p", "All runs have the same settings.");
        }
        var table = new Table("settings in which the runs differ");
        var head = new ArrayList<String>(List.of("run"));
        head.addAll(settings.changed());
        table.head(head);
        runs.values()
                .forEach(run -> {
                    table.name(run.folder().toString());
                    settings.changed()
                            .forEach(key -> table.code(run.settings().getOrDefault(key, "–")));
                    table.endRow();
                });
        return table.markup();
    }
}
