package dev.tutti.deploy.checks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What in a table's columns and classes spoils training, without being wrong. */
public final class Spoilers {
    private static final double SPREAD_RATIO_MAX = 100;
    private static final double RARE = 0.01;
    private static final int NAMED_MAX = 5;

    private Spoilers() {}

    /** Returns a line for each kind of trouble with the features. */
    public static List<String> ofFeatures(List<Column> columns) {
        var lines = new ArrayList<String>();
        var constant = named(columns, Column.Kind.CONSTANT);
        if (!constant.isEmpty()) {
            lines.add(
                    "the same in all samples, so that nothing can be learned of it: %s"
                            .formatted(constant));
        }
        var counting = named(columns, Column.Kind.COUNTING);
        if (!counting.isEmpty()) {
            lines.add(
                    "counts the samples, as a row's number does, and says nothing of new ones: %s"
                            .formatted(counting));
        }
        scale(columns, lines);
        return lines;
    }

    private static String named(List<Column> columns, Column.Kind kind) {
        var names =
                columns.stream().filter(column -> column.kind() == kind).map(Column::name).toList();
        return listed(names);
    }

    private static String listed(List<String> names) {
        var shown = names.stream().limit(NAMED_MAX).collect(Collectors.joining(", "));
        return names.size() > NAMED_MAX
                ? "%s and %d more".formatted(shown, names.size() - NAMED_MAX)
                : shown;
    }

    private static void scale(List<Column> columns, List<String> out) {
        var spread = columns.stream().filter(column -> column.deviation() > 0).toList();
        if (spread.isEmpty()) {
            return;
        }
        var bySpread = Comparator.comparingDouble(Column::deviation);
        var widest = spread.stream().max(bySpread).orElseThrow();
        var narrowest = spread.stream().min(bySpread).orElseThrow();
        if (widest.deviation() > SPREAD_RATIO_MAX * narrowest.deviation()) {
            out.add(
                    String.format(
                            Locale.ROOT,
                            "columns of very different scale (deviation %.3g of %s, %.3g of %s): give --standardize",
                            widest.deviation(),
                            widest.name(),
                            narrowest.deviation(),
                            narrowest.name()));
        } else if (widest.deviation() > SPREAD_RATIO_MAX) {
            out.add(
                    String.format(
                            Locale.ROOT,
                            "columns of large numbers (deviation %.3g of %s): give --standardize",
                            widest.deviation(),
                            widest.name()));
        }
    }

    /** Returns the line about classes that are rare, or have no samples. */
    public static List<String> ofClasses(List<String> names, int[] counts) {
        var all = 0L;
        for (var count : counts) {
            all += count;
        }
        var rare = new ArrayList<String>();
        for (var k = 0; k < counts.length; k++) {
            if (counts[k] < RARE * all) {
                rare.add("%s (%d)".formatted(names.get(k), counts[k]));
            }
        }
        return rare.isEmpty()
                ? List.of()
                : List.of(
                        "less than 1 %% of the samples: class %s; accuracy hides them, --class-weights balanced gives them weight"
                                .formatted(listed(rare)));
    }
}
