package dev.tutti.deploy.command;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.report.AlignedRows;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.FirstRows;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The first samples of some data: rows of a table, or the targets of what is none. */
final class FirstSamples {
    private static final int ROWS = 5;
    private static final int GAP = 2;

    private FirstSamples() {}

    /** Returns the rows as they are written, or else as the dataset has them. */
    static FirstRows of(DataOptions options, Dataset dataset) {
        return LocalData.sources().firstRows(options, ROWS).orElseGet(() -> of(dataset));
    }

    private static FirstRows of(Dataset dataset) {
        var names = dataset.featureNames();
        var columns = new ArrayList<>(names);
        columns.addAll(
                switch (dataset.targets()) {
                    case Targets.Labels _ -> List.of("class");
                    case Targets.Values values -> values.names();
                });
        var width = dataset.sample().size();
        try (var arena = Arena.ofConfined()) {
            var sample = Floats.allocate(arena, width);
            var rows = new ArrayList<List<String>>();
            for (var row = 0; row < Math.min(ROWS, dataset.count()); row++) {
                dataset.gatherFeatures(new int[] {row}, 0, 1, sample);
                var cells = new ArrayList<String>();
                for (var k = 0; k < names.size(); k++) {
                    cells.add(DataView.number(Floats.get(sample, k)));
                }
                cells.addAll(targets(dataset.targets(), row));
                rows.add(cells);
            }
            return new FirstRows(columns, rows);
        }
    }

    private static List<String> targets(Targets targets, int row) {
        return switch (targets) {
            case Targets.Labels(var names, var labels) ->
                    List.of(names.get(labels.getAtIndex(ValueLayout.JAVA_INT, row)));
            case Targets.Values(var names, var values) ->
                    IntStream.range(0, names.size())
                            .mapToObj(k ->
                                    DataView.number(
                                            Floats.get(values, (long) row * names.size() + k)))
                            .toList();
        };
    }

    /**
     * Returns the rows as lines of a terminal: as many columns as there is room for.
     *
     * @param width characters of a line
     */
    static List<String> lines(FirstRows first, int width) {
        var rows = new ArrayList<List<String>>();
        rows.add(first.columns().stream().map(FirstSamples::cell).toList());
        first.rows().forEach(row -> rows.add(row.stream().map(FirstSamples::cell).toList()));
        var fitting = fitting(rows, width);
        var shown = rows.stream().map(row -> row.subList(0, fitting)).toList();
        var lines = AlignedRows.lines(shown, 0, 0);
        var left = first.columns().size() - fitting;
        if (left > 0) {
            lines.add("and %d %s more".formatted(left, left == 1 ? "column" : "columns"));
        }
        return lines;
    }

    private static String cell(String text) {
        return AlignedRows.name(text.replaceAll("\\p{Cntrl}+", " "));
    }

    /** Returns how many columns fit, at least one. */
    private static int fitting(List<List<String>> rows, int width) {
        var used = 0;
        for (var k = 0; k < rows.getFirst().size(); k++) {
            var column = k;
            used += rows.stream().mapToInt(row -> row.get(column).length()).reduce(0, Math::max);
            if (used > width) {
                return Math.max(1, k);
            }
            used += GAP;
        }
        return rows.getFirst().size();
    }
}
