package dev.tutti.deploy.study;

import dev.tutti.deploy.report.html.RecordedRun;
import dev.tutti.deploy.study.StudyResults.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The results of a study as a table of text: a line for each run that is over. It holds only what
 * follows from the configuration, so the same study gives the same bytes; times of this machine are
 * in the summaries of the runs.
 */
final class ResultsCsv {
    private static final List<String> FIGURES =
            List.of(
                    "testAccuracy",
                    "testLoss",
                    "validationAccuracy",
                    "validationLoss",
                    "trainLoss",
                    "steps",
                    RecordedRun.STEPS_TO_TARGET,
                    "samples",
                    "virtualSeconds",
                    "weightsDigest");

    private ResultsCsv() {}

    static String of(Study study, List<Row> rows) {
        var keys = study.axes().stream().flatMap(axis -> axis.keys().stream()).toList();
        var head = new ArrayList<>(List.of("run", "state"));
        head.addAll(keys);
        head.add(Study.SEED);
        head.addAll(FIGURES);
        head.add("failure");
        var text = new StringBuilder(line(head));
        for (var row : rows) {
            if (row.state() == RunState.DONE || row.state() == RunState.FAILED) {
                text.append(line(cells(row, keys)));
            }
        }
        return text.toString();
    }

    private static List<String> cells(Row row, List<String> keys) {
        var combination = row.run().combination();
        var cells = new ArrayList<>(List.of(row.run().name(), row.state().text()));
        keys.forEach(key -> cells.add(combination.varied().getOrDefault(key, "")));
        cells.add(combination.options().getOrDefault(Study.SEED, ""));
        FIGURES.forEach(
                name -> cells.add(row.recorded().flatMap(run -> run.figureText(name)).orElse("")));
        cells.add(row.failure());
        return cells;
    }

    private static String line(List<String> cells) {
        return cells.stream().map(ResultsCsv::cell).collect(Collectors.joining(",", "", "\n"));
    }

    /** Returns a cell, in quotes where RFC 4180 wants them. */
    private static String cell(String text) {
        return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                ? "\"" + text.replace("\"", "\"\"") + "\""
                : text;
    }
}
