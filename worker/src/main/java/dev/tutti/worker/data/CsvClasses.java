package dev.tutti.worker.data;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Targets;
import dev.tutti.common.kernel.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
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
    private static final double WHOLE_MAX = 0x1p53;

    private final int column;
    private final MissingTokens tokens;
    private final boolean open;
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> indices = new HashMap<>();
    private final IntStream.Builder samples = IntStream.builder();
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
        this.open = known.isEmpty();
        known.forEach(this::indexOf);
    }

    @Override
    public void add(CsvTable table) {
        if (tokens.has(table.cell(column))) {
            missing.add(rows, table, column);
            samples.add(-1);
        } else {
            samples.add(index(table));
        }
        rows++;
    }

    private int index(CsvTable table) {
        var name = name(table);
        if (!open && !indices.containsKey(name)) {
            throw table.refused(column, "is none of the classes " + String.join(", ", names));
        }
        return indexOf(name);
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
        var all = samples.build().toArray();
        var labels = IntStream.of(kept).map(row -> places[all[row]]).toArray();
        var bytes = arena.allocate((long) labels.length * Integer.BYTES, Floats.ALIGNMENT_BYTES);
        MemorySegment.copy(labels, 0, bytes, JAVA_INT, 0, labels.length);
        return new Targets.Labels(order.stream().map(names::get).toList(), bytes);
    }

    private int indexOf(String name) {
        return indices.computeIfAbsent(
                name,
                _ -> {
                    names.add(name);
                    return names.size() - 1;
                });
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

    private String name(CsvTable table) {
        var cell = table.cell(column);
        if (!CsvTable.isNumber(cell)) {
            words = true;
            return cell;
        }
        var number = Double.parseDouble(cell);
        if (number != Math.rint(number) || Math.abs(number) >= WHOLE_MAX) {
            // Refused only if the column turns out to be numbers: "1.5" may be a word among words.
            notAClass =
                    notAClass.or(() ->
                            Optional.of(
                                    table.refused(
                                            column,
                                            "is no class: a number must be whole; for real"
                                                    + " values give --task regression, or a loss"
                                                    + " such as mse")));
            return cell;
        }
        // "3" and "3.0" are one class.
        return Long.toString((long) number);
    }
}
