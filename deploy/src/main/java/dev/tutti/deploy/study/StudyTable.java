package dev.tutti.deploy.study;

import dev.tutti.deploy.report.html.Markup;
import dev.tutti.deploy.report.html.Numbers;
import dev.tutti.deploy.report.html.RecordedRun;
import dev.tutti.deploy.report.html.Table;
import dev.tutti.deploy.study.Study.Combination;
import dev.tutti.deploy.study.StudyResults.Row;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Tables of one figure over two settings that vary: mean and spread over the seeds. Where more
 * settings vary, there is a table for each of their combinations.
 *
 * @param figure its name in the summary
 * @param rows what goes down
 * @param columns what goes across, if there is a second thing
 * @param others what each table is of
 */
record StudyTable(String figure, Optional<Axis> rows, Optional<Axis> columns, List<Axis> others) {
    private static final String VIRTUAL_SECONDS = "virtualSeconds";

    /** A spread is known to no more digits. */
    private static final MathContext SPREAD = new MathContext(2);

    /** Figures that a table may show, by their names in the summary. */
    static final SequencedMap<String, String> FIGURES = figures();

    private static SequencedMap<String, String> figures() {
        var figures = new LinkedHashMap<String, String>();
        figures.put("testAccuracy", "test accuracy");
        figures.put("validationAccuracy", "validation accuracy");
        figures.put("testLoss", "test loss");
        figures.put("validationLoss", "validation loss");
        figures.put("trainLoss", "loss in training");
        figures.put(RecordedRun.STEPS_TO_TARGET, "steps to the target loss");
        figures.put(VIRTUAL_SECONDS, "virtual seconds");
        return figures;
    }

    /** Returns the tables that a study wants, of the figure that its runs have. */
    static StudyTable of(Study study, List<Row> results) {
        var figure =
                study.layout()
                        .value()
                        .or(() ->
                                FIGURES.keySet().stream()
                                        .filter(name ->
                                                results.stream()
                                                        .anyMatch(row ->
                                                                row.figure(name).isPresent()))
                                        .findFirst())
                        .orElse(FIGURES.firstEntry().getKey());
        var left = new ArrayList<>(study.axes());
        var columns = study.layout().columns().map(key -> take(key, left));
        var rows = study.layout().rows().map(key -> take(key, left)).or(() -> first(left));
        return new StudyTable(figure, rows, columns.or(() -> first(left)), List.copyOf(left));
    }

    private static Optional<Axis> first(List<Axis> left) {
        return left.isEmpty() ? Optional.empty() : Optional.of(left.removeFirst());
    }

    private static Axis take(String key, List<Axis> left) {
        var axis = left.stream().filter(one -> one.keys().contains(key)).findFirst().orElseThrow();
        left.remove(axis);
        return axis;
    }

    /** Returns the same tables of the virtual time that the runs took, if they have a clock. */
    Optional<StudyTable> ofTime(List<Row> results) {
        return figure.equals(VIRTUAL_SECONDS)
                        || results.stream().allMatch(row -> row.figure(VIRTUAL_SECONDS).isEmpty())
                ? Optional.empty()
                : Optional.of(new StudyTable(VIRTUAL_SECONDS, rows, columns, others));
    }

    /** Returns the one of rows and columns that has fewer values; none if both are missing. */
    Optional<Axis> shorterSide() {
        return Stream.of(rows, columns)
                .flatMap(Optional::stream)
                .min(Comparator.comparingInt(axis -> axis.values().size()));
    }

    /** Returns what the tables show, in words. */
    String figureText() {
        return FIGURES.getOrDefault(figure, figure);
    }

    Markup markup(List<Row> results) {
        var byTable = new LinkedHashMap<String, List<Row>>();
        for (var row : results) {
            byTable.computeIfAbsent(of(row, others), _ -> new ArrayList<>()).add(row);
        }
        var markup = new Markup();
        byTable.forEach((name, some) -> markup.add(table(name, some)));
        return markup;
    }

    private Markup table(String name, List<Row> results) {
        var cells = new LinkedHashMap<String, Map<String, List<Row>>>();
        var heads = new ArrayList<String>();
        for (var row : results) {
            var down = label(rows, row.run().combination());
            var across = label(columns, row.run().combination());
            if (!heads.contains(across)) {
                heads.add(across);
            }
            cells.computeIfAbsent(down, _ -> new TreeMap<>())
                    .computeIfAbsent(across, _ -> new ArrayList<>())
                    .add(row);
        }
        var table =
                new Table(
                        "%s%s: mean ± standard deviation over the seeds (number of runs)"
                                .formatted(figureText(), name.isEmpty() ? "" : " of " + name));
        var head = new ArrayList<String>(List.of(corner()));
        heads.forEach(text -> head.add(text.isEmpty() ? figureText() : text));
        table.head(head);
        cells.forEach((down, line) -> {
            table.name(down.isEmpty() ? "all" : down);
            heads.forEach(across -> table.figure(cell(line.getOrDefault(across, List.of()))));
            table.endRow();
        });
        return table.markup();
    }

    private String corner() {
        return rows.map(Axis::name).orElse("")
                + columns.map(axis -> " \\ " + axis.name()).orElse("");
    }

    private static String label(Optional<Axis> axis, Combination combination) {
        return axis.map(one -> one.labelIn(combination.varied())).orElse("");
    }

    private static String of(Row row, List<Axis> axes) {
        var keys = axes.stream().flatMap(axis -> axis.keys().stream()).toList();
        return Axis.label(keys, row.run().combination().varied());
    }

    /** Returns mean, spread and number of the runs of a cell, and how many failed. */
    String cell(List<Row> runs) {
        var values = runs.stream().flatMap(row -> row.figure(figure).stream()).toList();
        var failed = runs.stream().filter(row -> row.state() == RunState.FAILED).count();
        var count =
                "(%d%s%s)"
                        .formatted(
                                values.size(),
                                values.size() == runs.size() ? "" : " of " + runs.size(),
                                failed == 0 ? "" : ", %d failed".formatted(failed));
        if (values.isEmpty()) {
            return runs.isEmpty() ? "–" : "– " + count;
        }
        var mean = values.stream().mapToDouble(value -> value).average().orElseThrow();
        if (values.size() == 1) {
            return "%s %s".formatted(Numbers.text(mean), count);
        }
        if (values.stream().distinct().count() == 1) {
            return "%s ± 0 %s".formatted(Numbers.text(values.getFirst()), count);
        }
        var squares = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
        return "%s ± %s %s"
                .formatted(
                        Numbers.text(mean),
                        Numbers.text(
                                new BigDecimal(Math.sqrt(squares / (values.size() - 1)))
                                        .round(SPREAD)
                                        .doubleValue()),
                        count);
    }
}
