package dev.tutti.worker.data.table;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What the first line of a CSV file is. */
public enum CsvHeader {
    /** Names; one that looks like data is refused. */
    DETECT,
    /** Names, even if it looks like data. */
    NAMES,
    /** Data: the columns are named 1, 2, …. */
    NONE;

    /** How a missing value is written. "NA" is not among them: it may name a column (sodium). */
    private static final Set<String> MISSING = Set.of("?", "nan");

    /** Fewer numbers from 0 or 1 on may follow one another by chance. */
    private static final int COUNT_MIN = 3;

    private static final int YEARS_MIN = 2;
    private static final int YEAR_MIN = 1800;
    private static final int YEAR_MAX = 2200;

    /**
     * Returns the cell by which a first line looks like data: a number, or a mark of a missing
     * value. Numbers are names only if each is one more than the number before it, and they are at
     * least three from 0 or 1 on, or at least two years: so pandas numbers columns, and so tables
     * name years.
     */
    public static Optional<String> dataIn(List<String> cells, Predicate<String> isNumber) {
        var numbers = cells.stream().filter(isNumber).toList();
        var missing =
                cells.stream()
                        .filter(cell -> MISSING.contains(cell.toLowerCase(Locale.ROOT)))
                        .findFirst();
        return missing.isPresent() || isSequence(numbers) ? missing : numbers.stream().findFirst();
    }

    private static boolean isSequence(List<String> numbers) {
        if (numbers.isEmpty() || !numbers.getFirst().matches("[0-9]{1,4}")) {
            return false;
        }
        var first = Integer.parseInt(numbers.getFirst());
        for (var i = 0; i < numbers.size(); i++) {
            if (!numbers.get(i).equals(Integer.toString(first + i))) {
                return false;
            }
        }
        return first <= 1
                ? numbers.size() >= COUNT_MIN
                : numbers.size() >= YEARS_MIN && first >= YEAR_MIN && first <= YEAR_MAX;
    }
}
