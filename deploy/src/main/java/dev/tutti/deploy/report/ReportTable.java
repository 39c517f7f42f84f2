package dev.tutti.deploy.report;

import dev.tutti.common.report.BinaryReport;
import dev.tutti.common.report.ClassReport;
import dev.tutti.common.report.Report;
import dev.tutti.common.report.ValueReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A report as lines for a terminal; a figure that does not exist is a dash. */
public final class ReportTable {
    private static final int WORST = 10;
    private static final int MISTAKES_MAX = 3;

    private ReportTable() {}

    /**
     * Returns the lines.
     *
     * @param all says where the rows are that are left out
     */
    public static List<String> lines(Report report, String all) {
        return switch (report) {
            case ClassReport classes -> classes(classes, all);
            case BinaryReport binary -> binary(binary, all);
            case ValueReport values -> values(values, all);
        };
    }

    private static List<String> classes(ClassReport report, String all) {
        var count = report.classes().size();
        var shown =
                IntStream.range(0, count)
                        .boxed()
                        .sorted(
                                count <= AlignedRows.ROWS_MAX
                                        ? Comparator.naturalOrder()
                                        : Comparator.comparingDouble(k -> f1(report, k)))
                        .limit(count <= AlignedRows.ROWS_MAX ? count : WORST)
                        .toList();
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("class", "samples", "precision", "recall", "f1", "taken for"));
        for (var k : shown) {
            var figures = report.classes().get(k);
            rows.add(
                    List.of(
                            AlignedRows.name(figures.name()),
                            Integer.toString(figures.samples()),
                            share(figures.precision()),
                            share(figures.recall()),
                            share(figures.f1()),
                            mistakes(report, k)));
        }
        var macro = report.macro();
        rows.add(
                List.of(
                        "macro mean",
                        Integer.toString(report.samples()),
                        share(macro.precision()),
                        share(macro.recall()),
                        share(macro.f1()),
                        ""));
        var lines = AlignedRows.lines(rows, 1, 5);
        if (count > AlignedRows.ROWS_MAX) {
            lines.add(
                    "these are the %d classes of %d with the lowest f1; %s"
                            .formatted(WORST, count, all));
        }
        return lines;
    }

    /** Classes that nothing is known of come last. */
    private static double f1(ClassReport report, int k) {
        var f1 = report.classes().get(k).f1();
        return f1 == null ? Double.MAX_VALUE : f1;
    }

    /** Returns the classes that samples of a class are taken for, the most frequent first. */
    private static String mistakes(ClassReport report, int actual) {
        var wrong =
                report.confusion().stream()
                        .filter(cell -> cell.actual() == actual && cell.predicted() != actual)
                        .sorted(
                                Comparator.comparingInt(ClassReport.Cell::samples)
                                        .reversed()
                                        .thenComparingInt(ClassReport.Cell::predicted))
                        .toList();
        var text =
                wrong.stream()
                        .limit(MISTAKES_MAX)
                        .map(cell ->
                                "%s %d"
                                        .formatted(
                                                AlignedRows.name(
                                                        report.classes()
                                                                .get(cell.predicted())
                                                                .name()),
                                                cell.samples()))
                        .collect(Collectors.joining(", "));
        return wrong.size() > MISTAKES_MAX ? text + ", …" : text;
    }

    private static List<String> binary(BinaryReport report, String all) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("target", "ones", "accuracy", "precision", "recall", "f1"));
        for (var figures : AlignedRows.firstOf(report.targets())) {
            rows.add(
                    List.of(
                            AlignedRows.name(figures.name()),
                            Integer.toString(figures.ones()),
                            share(figures.accuracy()),
                            share(figures.precision()),
                            share(figures.recall()),
                            share(figures.f1())));
        }
        var lines = AlignedRows.lines(rows, 1, 6);
        lines.add(
                String.format(
                        Locale.ROOT,
                        "a target counts as 1 where its probability is above %s",
                        report.threshold()));
        AlignedRows.addRest("targets", report.targets().size(), all, lines);
        return lines;
    }

    private static List<String> values(ValueReport report, String all) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("target", "r2", "mae", "rmse"));
        for (var figures : AlignedRows.firstOf(report.targets())) {
            rows.add(
                    List.of(
                            AlignedRows.name(figures.name()),
                            share(figures.r2()),
                            number(figures.mae()),
                            number(figures.rmse())));
        }
        var lines = AlignedRows.lines(rows, 1, 4);
        AlignedRows.addRest("targets", report.targets().size(), all, lines);
        return lines;
    }

    private static String share(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6g", value);
    }
}
