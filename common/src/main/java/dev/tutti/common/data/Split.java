package dev.tutti.common.data;

import dev.tutti.common.random.Seeds;
import java.util.Arrays;

/**
 * Which rows of a dataset train, validate and test: three lists without a common row, each in the
 * order of the file. A pure function of the targets, the fractions and the seed, so that no list is
 * ever sent. Of each class, validation and test get their share; of real values, rows are drawn.
 *
 * @param train the rows that the weights learn from; at least one
 * @param validation the rows whose loss is watched
 * @param test the rows that are looked at once, at the end
 */
@SuppressWarnings("ArrayRecordComponent") // gathered by index in a loop, and compared by nobody
public record Split(int[] train, int[] validation, int[] test) {
    /**
     * Splits the rows of these targets; of classes, each has its share of every list.
     *
     * @param testCount rows at the end that are the dataset's own test set; 0 if it has none
     * @param validation fraction of the rows (without an own test set) that validate, from 0
     * @param test fraction that tests, from 0; 0 where the dataset has its own test set
     * @throws DataException if a fraction is out of range, gives no row, or leaves none to train
     */
    public static Split of(
            int count, int testCount, Targets targets, double validation, double test, long seed) {
        return switch (targets) {
            case Targets.Values _ -> of(count, testCount, validation, test, seed);
            case Targets.Labels labels -> {
                var rows = count - testCount;
                var sizes = Sizes.of(rows, testCount, validation, test);
                var byClass = labels.rowsByClass(ascending(0, rows));
                var dealt = Shares.of(byClass, sizes.tested, sizes.validated).deal(seed);
                yield testCount > 0
                        ? new Split(dealt.train, dealt.validation, ascending(rows, count))
                        : dealt;
            }
        };
    }

    /** How many rows test and validate, of those without an own test set. */
    private record Sizes(int tested, int validated) {
        static Sizes of(int rows, int testCount, double validation, double test) {
            if (testCount > 0 && test != 0) {
                throw new DataException(
                        "the dataset has its own test set of %d samples: leave out the test fraction %s"
                                .formatted(testCount, test));
            }
            var tested = rows("test", test, rows);
            var validated = rows("validation", validation, rows);
            if (tested + validated >= rows) {
                throw new DataException(
                        "validation %s and test %s leave none of %d samples to train on"
                                .formatted(validation, test, rows));
            }
            return new Sizes(tested, validated);
        }
    }

    /**
     * Splits {@code count} rows of real values.
     *
     * @param testCount rows at the end that are the dataset's own test set; 0 if it has none
     * @param validation fraction of the rows (without an own test set) that validate, from 0
     * @param test fraction that tests, from 0; 0 where the dataset has its own test set
     * @throws DataException if a fraction is out of range, gives no row, or leaves none to train
     */
    public static Split of(int count, int testCount, double validation, double test, long seed) {
        var rows = count - testCount;
        var sizes = Sizes.of(rows, testCount, validation, test);
        var order = ascending(0, rows);
        Seeds.of(seed, "split").shuffle(order);
        return new Split(
                sorted(order, sizes.tested + sizes.validated, rows),
                sorted(order, sizes.tested, sizes.tested + sizes.validated),
                testCount > 0 ? ascending(rows, count) : sorted(order, 0, sizes.tested));
    }

    private static int rows(String what, double fraction, int count) {
        if (!(fraction >= 0 && fraction < 1)) {
            throw new DataException(
                    "the %s fraction must be at least 0 and below 1, was %s"
                            .formatted(what, fraction));
        }
        var rows = (int) Math.round(fraction * count);
        if (rows == 0 && fraction > 0) {
            throw new DataException(
                    "the %s fraction %s of %d samples is less than one sample"
                            .formatted(what, fraction, count));
        }
        return rows;
    }

    private static int[] ascending(int from, int to) {
        var rows = new int[to - from];
        Arrays.setAll(rows, i -> from + i);
        return rows;
    }

    private static int[] sorted(int[] order, int from, int to) {
        var rows = Arrays.copyOfRange(order, from, to);
        Arrays.sort(rows);
        return rows;
    }
}
