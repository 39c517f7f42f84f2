package dev.tutti.worker.data.source;

import java.util.List;

/**
 * The beginning of a table.
 *
 * @param columns their names
 * @param rows cells as they are written, one for each column
 */
public record FirstRows(List<String> columns, List<List<String>> rows) {
    /** Copies the lists. */
    public FirstRows {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }
}
