package dev.tutti.deploy.report;

import java.util.ArrayList;
import java.util.List;

/** Rows of cells as lines of a terminal. */
public final class AlignedRows {
    /** More rows than a terminal shows at once are left out. */
    public static final int ROWS_MAX = 20;

    private static final int NAME_CHARACTERS_MAX = 24;

    private AlignedRows() {}

    /**
     * Returns the rows as lines: texts to the left, numbers to the right.
     *
     * @param rows all of the same length, column names first
     * @param from index of the first column of numbers
     * @param to index behind the last one
     */
    public static List<String> lines(List<List<String>> rows, int from, int to) {
        var columns = rows.getFirst().size();
        var widths = new int[columns];
        for (var row : rows) {
            for (var k = 0; k < columns; k++) {
                widths[k] = Math.max(widths[k], row.get(k).length());
            }
        }
        var lines = new ArrayList<String>();
        for (var row : rows) {
            var line = new StringBuilder();
            for (var k = 0; k < columns; k++) {
                var gap = " ".repeat(widths[k] - row.get(k).length());
                line.append(k == 0 ? "" : "  ")
                        .append(k >= from && k < to ? gap + row.get(k) : row.get(k) + gap);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** Returns those that are shown. */
    public static <T> List<T> firstOf(List<T> all) {
        return all.subList(0, Math.min(ROWS_MAX, all.size()));
    }

    /**
     * Says that rows are left out, if some are.
     *
     * @param where says where all of them are
     */
    public static void addRest(String what, int count, String where, List<String> out) {
        if (count > ROWS_MAX) {
            out.add("these are the first %d of %d %s; %s".formatted(ROWS_MAX, count, what, where));
        }
    }

    /** Returns a name that is short enough for a cell. */
    public static String name(String name) {
        return name.codePointCount(0, name.length()) <= NAME_CHARACTERS_MAX
                ? name
                : name.substring(0, name.offsetByCodePoints(0, NAME_CHARACTERS_MAX - 1)) + "…";
    }
}
