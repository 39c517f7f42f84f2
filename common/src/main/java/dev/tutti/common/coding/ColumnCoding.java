package dev.tutti.common.coding;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How one column of a table becomes features. A cell comes as a number: the number that is written
 * there, the index of its category, {@link #UNSEEN}, or NaN if it is missing.
 */
public sealed interface ColumnCoding {
    /** The cell of a category that the training rows do not have. */
    double UNSEEN = -1;

    /** The name of the category that missing values are, where they are one: no word is empty. */
    String MISSING = "";

    /** Returns the column's name. */
    String column();

    /** Returns how many features it becomes. */
    int width();

    /** Returns the features' names. */
    List<String> featureNames();

    /**
     * One feature: the number itself.
     *
     * @param fill takes the place of a missing value, if anything does
     */
    record Numbers(String column, OptionalDouble fill) implements ColumnCoding {
        @Override
        public int width() {
            return 1;
        }

        @Override
        public List<String> featureNames() {
            return List.of(column);
        }
    }

    /**
     * One feature for each category, 1 for the cell's own and 0 for all others; a category that the
     * training rows do not have is 0 everywhere.
     *
     * @param categories in the order of their characters; the missing value may be one
     * @param fill index of the category that a missing value counts as, if it counts as any
     */
    record OneHot(String column, List<String> categories, OptionalInt fill)
            implements ColumnCoding {
        /** Copies the list. */
        public OneHot {
            categories = List.copyOf(categories);
        }

        @Override
        public int width() {
            return categories.size();
        }

        @Override
        public List<String> featureNames() {
            return categories.stream().map(category -> column + "=" + category).toList();
        }
    }

    /**
     * One feature: the index of the category, as an embedding takes it.
     *
     * @param categories in the order of their characters; the missing value may be one
     * @param fill index of the category that a missing value counts as, if it counts as any
     */
    record Index(String column, List<String> categories, OptionalInt fill) implements ColumnCoding {
        /** Copies the list. */
        public Index {
            categories = List.copyOf(categories);
        }

        @Override
        public int width() {
            return 1;
        }

        @Override
        public List<String> featureNames() {
            return List.of(column);
        }
    }
}
