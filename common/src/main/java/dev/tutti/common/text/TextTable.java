package dev.tutti.common.text;

import java.util.ArrayList;
import java.util.List;

/** Text in aligned columns, two spaces apart. */
public final class TextTable {
    private static final String GAP = "  ";

    private final String alignment;
    private final List<List<String>> rows = new ArrayList<>();

    /** Starts a table whose columns align left or right: one {@code l} or {@code r} for each. */
    public TextTable(String alignment) {
        this.alignment = alignment;
    }

    /** Adds a row; columns that are not given are empty. */
    public void row(List<String> cells) {
        if (cells.size() > alignment.length()) {
            throw new IllegalArgumentException(
                    "the table has %d columns, found %s".formatted(alignment.length(), cells));
        }
        rows.add(List.copyOf(cells));
    }

    /** Adds a row; columns that are not given are empty. */
    public void row(String... cells) {
        row(List.of(cells));
    }

    @Override
    public String toString() {
        var widths = new int[alignment.length()];
        for (var row : rows) {
            for (var column = 0; column < row.size(); column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        var text = new StringBuilder();
        for (var row : rows) {
            text.append(line(row, widths)).append('\n');
        }
        return text.toString();
    }

    private String line(List<String> row, int... widths) {
        var line = new StringBuilder();
        for (var column = 0; column < row.size(); column++) {
            var cell = row.get(column);
            var padding = " ".repeat(widths[column] - cell.length());
            line.append(alignment.charAt(column) == 'r' ? padding + cell : cell + padding)
                    .append(GAP);
        }
        return line.toString().stripTrailing();
    }
}
