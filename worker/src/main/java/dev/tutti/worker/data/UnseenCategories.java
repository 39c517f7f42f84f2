package dev.tutti.worker.data;

import java.util.Optional;

/** Cells of new samples with a category that the training rows of a model do not have. */
final class UnseenCategories {
    private long cells;
    private String first = "";

    /**
     * Takes a cell of the table's row.
     *
     * @param known how many categories the model knows
     */
    void add(CsvTable table, int column, int known) {
        if (cells == 0) {
            first =
                    String.valueOf(
                            table.refused(
                                            column,
                                            "is none of the %d categories that the model was trained with"
                                                    .formatted(known))
                                    .getMessage());
        }
        cells++;
    }

    /** Returns the line that tells of them. */
    Optional<String> note() {
        if (cells == 0) {
            return Optional.empty();
        }
        return Optional.of(
                cells == 1
                        ? first + "; it counts as none of them"
                        : "%s; it counts as none of them, and so do %d more such cells"
                                .formatted(first, cells - 1));
    }
}
