package dev.tutti.worker.data.target;

import java.util.Optional;
import java.util.function.Function;

/** Cells of new samples with a category that the training rows of a model do not have. */
public final class UnseenCategories {
    private long cells;
    private String first = "";

    /** Returns what is said of a cell, for a model that knows so many categories. */
    public static String found(int known) {
        return "is none of the %d categories that the model was trained with".formatted(known);
    }

    /**
     * Takes a cell.
     *
     * @param place says of the first one where it is and what was found; no sentence's end
     * @param known how many categories the model knows
     */
    public void add(Function<String, String> place, int known) {
        if (cells == 0) {
            first = place.apply(found(known));
        }
        cells++;
    }

    /** Returns the line that tells of them. */
    public Optional<String> note() {
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
