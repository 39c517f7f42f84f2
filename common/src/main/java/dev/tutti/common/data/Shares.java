package dev.tutti.common.data;

import dev.tutti.common.random.Seeds;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How many rows of each class test and validate, in proportion to the class: by the largest
 * remainder (Hare and Niemeyer), in whole numbers. As long as the others suffice, a class whose
 * share is less than half a row gives none, and each class keeps a row to train on.
 *
 * @param rows of each class, ascending
 * @param test how many of them test
 * @param validation how many of them validate
 */
@SuppressWarnings("ArrayRecordComponent") // indexed by class, and compared by nobody
record Shares(int[][] rows, int[] test, int[] validation) {
    /**
     * Returns the shares of the classes.
     *
     * @param rows of each class, ascending
     * @param tested rows that test, in all
     * @param validated rows that validate, in all
     */
    static Shares of(int[][] rows, int tested, int validated) {
        var counts = Arrays.stream(rows).mapToInt(ofClass -> ofClass.length).toArray();
        var free = IntStream.of(counts).map(count -> Math.max(0, count - 1)).toArray();
        if (IntStream.of(free).sum() < tested + validated) {
            free = counts.clone();
        }
        var all = IntStream.of(counts).sum();
        var test = shares(counts, tested, all, free);
        for (var k = 0; k < rows.length; k++) {
            free[k] -= test[k];
        }
        return new Shares(rows, test, shares(counts, validated, all, free));
    }

    /** Shuffles each class with a stream of its own, and deals its rows out. */
    Split deal(long seed) {
        var tests = new BitSet();
        var validates = new BitSet();
        var all = 0;
        for (var k = 0; k < rows.length; k++) {
            var order = rows[k].clone();
            Seeds.of(seed, "split", k).shuffle(order);
            Arrays.stream(order, 0, test[k]).forEach(tests::set);
            Arrays.stream(order, test[k], test[k] + validation[k]).forEach(validates::set);
            all += order.length;
        }
        var trains = new BitSet();
        trains.set(0, all);
        trains.andNot(tests);
        trains.andNot(validates);
        return new Split(ascending(trains), ascending(validates), ascending(tests));
    }

    private static int[] ascending(BitSet rows) {
        var ascending = new int[rows.cardinality()];
        var row = -1;
        for (var i = 0; i < ascending.length; i++) {
            row = rows.nextSetBit(row + 1);
            ascending[i] = row;
        }
        return ascending;
    }

    /**
     * Divides {@code wanted} rows among the classes.
     *
     * @param counts rows of each class
     * @param all rows of all classes
     * @param free the most that a class may give
     */
    private static int[] shares(int[] counts, int wanted, int all, int[] free) {
        var shares = new int[counts.length];
        for (var k = 0; k < counts.length; k++) {
            shares[k] = (int) Math.min(free[k], (long) counts[k] * wanted / all);
        }
        var missing = wanted - IntStream.of(shares).sum();
        var order =
                IntStream.range(0, counts.length)
                        .boxed()
                        .sorted(
                                Comparator.comparing((Integer k) -> isSmall(counts[k], wanted, all))
                                        .thenComparing(
                                                k -> remainder(counts[k], wanted, all),
                                                Comparator.reverseOrder()))
                        .toList();
        while (missing > 0) {
            for (var k : order) {
                if (missing > 0 && shares[k] < free[k]) {
                    shares[k]++;
                    missing--;
                }
            }
        }
        return shares;
    }

    private static boolean isSmall(int count, int wanted, int all) {
        return 2L * count * wanted < all;
    }

    private static long remainder(int count, int wanted, int all) {
        return (long) count * wanted % all;
    }
}
