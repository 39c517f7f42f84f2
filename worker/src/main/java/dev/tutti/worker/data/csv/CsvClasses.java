package dev.tutti.worker.data.csv;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.source.TargetRule;
import dev.tutti.worker.data.table.CellStore;
import dev.tutti.worker.data.table.MissingTokens;
import dev.tutti.worker.data.text.PlainNumber;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A target column of classes: whole numbers in the order of numbers, or any words in the order of
 * their characters. So classes 0 to k are their own index.
 */
final class CsvClasses implements CsvTargets {
    private static final int NONE = -1;

    private final int column;
    private final MissingTokens tokens;
    private final boolean numbersMayBeMissing;
    private final boolean open;
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> indices = new HashMap<>();
    private final Map<Long, Integer> numbers = new HashMap<>(); // indices of whole numbers
    private int[] counts = new int[1]; // samples of each class
    private final CellStore samples = new CellStore(true);
    private final Missing missing = new Missing();
    private int rows;
    private boolean words;
    private Optional<DataException> notAClass = Optional.empty();

    /**
     * Makes an empty column.
     *
     * @param tokens what is missing
     * @param known the classes of a model, in its order; none to take those found
     */
    CsvClasses(int column, MissingTokens tokens, List<String> known) {
        this.column = column;
        this.tokens = tokens;
        this.numbersMayBeMissing = tokens.hasNumbers();
        this.open = known.isEmpty();
        known.forEach(this::named);
    }

    @Override
    public void add(CsvTable table) {
        var number = numbersMayBeMissing ? Double.NaN : table.shortNumber(column);
        samples.add(TargetRule.isWhole(number) ? index(table, (long) number) : index(table));
        rows++;
    }

    private int index(CsvTable table) {
        var cell = table.cell(column);
        if (tokens.has(cell)) {
            missing.add(rows, table, column);
            return NONE;
        }
        if (!PlainNumber.isNumber(cell)) {
            words = true;
            return counted(indexOf(table, cell));
        }
        var number = Double.parseDouble(cell);
        if (TargetRule.isWhole(number)) {
            return index(table, (long) number);
        }
        // Refused only if the column turns out to be numbers: "1.5" may be a word among words.
        notAClass =
                notAClass.or(() ->
                        Optional.of(
                                table.refused(
                                        column,
                                        "is no class: a number must be whole; for real"
                                                + " values give --task regression, or a loss"
                                                + " such as mse")));
        return counted(indexOf(table, cell));
    }

    /** Returns the index of a number: "3" and "3.0" are one class. */
    private int index(CsvTable table, long number) {
        return counted(numbers.computeIfAbsent(number, _ -> indexOf(table, Long.toString(number))));
    }

    private int indexOf(CsvTable table, String name) {
        if (!open && !indices.containsKey(name)) {
            throw table.refused(column, "is none of the classes " + String.join(", ", names));
        }
        return named(name);
    }

    private int named(String name) {
        return indices.computeIfAbsent(
                name,
                _ -> {
                    names.add(name);
                    return names.size() - 1;
                });
    }

    private int counted(int index) {
        if (index >= counts.length) {
            counts = Arrays.copyOf(counts, 2 * index);
        }
        counts[index]++;
        return index;
    }

    /** Returns how often each whole number comes. */
    Map<Long, Integer> wholeNumbers() {
        var samplesOf = new HashMap<Long, Integer>();
        numbers.forEach((number, index) -> samplesOf.put(number, counts[index]));
        return samplesOf;
    }

    @Override
    public CsvTargets decided() {
        if (open && !words && notAClass.isPresent()) {
            throw notAClass.get();
        }
        return this;
    }

    @Override
    public Missing missing() {
        return missing;
    }

    @Override
    public Targets toTargets(CsvTable table, int[] kept, Arena arena) {
        var order = IntStream.range(0, names.size()).boxed().sorted(order()).toList();
        var places = new int[names.size()];
        for (var place = 0; place < places.length; place++) {
            places[order.get(place)] = place;
        }
        var labels = arena.allocate((long) kept.length * Integer.BYTES, Floats.ALIGNMENT_BYTES);
        for (var i = 0; i < kept.length; i++) {
            labels.setAtIndex(JAVA_INT, i, places[(int) samples.get(kept[i])]);
        }
        return new Targets.Labels(order.stream().map(names::get).toList(), labels);
    }

    /** Returns how the names found are ordered; those of a model stay as they are. */
    private Comparator<Integer> order() {
        if (!open) {
            return Comparator.naturalOrder();
        }
        return words
                ? Comparator.comparing(names::get)
                : Comparator.comparingLong(index -> Long.parseLong(names.get(index)));
    }

    @Override
    public void close() {
        samples.close();
    }
}
