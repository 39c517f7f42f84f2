package dev.tutti.worker.data.target;

import dev.tutti.worker.data.source.Reading;
import dev.tutti.worker.data.table.CsvHeader;
import dev.tutti.worker.data.text.Rows;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The columns of a table: their names, and where they stand in a row. A column without a name is
 * called by its place. Columns that are empty in all rows, and those that the user leaves out, are
 * not among {@link #shown}; but an empty one with a name may still be asked for.
 */
public final class TableColumns {
    private static final int NAMES_TOLD_MAX = 50;
    private static final int PLACES_TOLD_MAX = 5;

    private final List<String> names;
    private final BitSet nameless = new BitSet();
    private final BitSet empty;
    private final BitSet mustBeEmpty;
    private final Set<String> ignored;
    private final List<String> notes = new ArrayList<>();
    private final Map<String, Integer> indices = new HashMap<>();
    private final List<String> shown;
    private final int[] places;

    /** A text cannot be a table of these columns; the message says why. */
    public static final class BadColumnsException extends RuntimeException {
        private static final long serialVersionUID = 1;

        BadColumnsException(String message) {
            super(message);
        }

        /** Returns what is wrong. */
        public String reason() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * Takes the columns of a table that is at its first row.
     *
     * @param emptyOf returns those of some columns, by their places, that are empty in all rows
     * @throws BadColumnsException if the first row has no names for them
     */
    public TableColumns(Rows rows, Reading reading, UnaryOperator<BitSet> emptyOf) {
        this.names = names(rows, reading.header());
        this.ignored = Set.copyOf(reading.ignored());
        var suspects = rows.emptyInFirst(names.size());
        this.mustBeEmpty = copyOf(suspects);
        mustBeEmpty.and(nameless);
        suspects.andNot(nameless);
        this.empty = rows.firstAreAll() || suspects.isEmpty() ? suspects : emptyOf.apply(suspects);
        empty.or(mustBeEmpty);
        requireNames(reading);
        this.places = places();
        this.shown = IntStream.of(places).limit(shownCount()).mapToObj(names::get).toList();
        if (shown.isEmpty()) {
            throw new BadColumnsException("no column is there to train on: all are left out");
        }
        IntStream.range(0, places.length).forEach(i -> indices.put(names.get(places[i]), i));
        tell();
    }

    private static BitSet copyOf(BitSet set) {
        return (BitSet) set.clone();
    }

    private List<String> names(Rows rows, CsvHeader header) {
        if (header == CsvHeader.NONE) {
            return IntStream.rangeClosed(1, rows.count()).mapToObj(Integer::toString).toList();
        }
        var found = new ArrayList<>(rows.cells());
        var width = rows.widthOfFirst();
        if (found.size() == width + 1 && found.getLast().isEmpty()) {
            notes.add("column %d has no name and no cells: it is left out".formatted(width + 1));
            found.removeLast();
        } else if (rows.firstLacksAName()) {
            // R writes the names of rows without a name; others end each row with a delimiter.
            found.add(rows.emptyInFirst(width).get(width - 1) ? found.size() : 0, "");
        }
        for (var i = 0; i < found.size(); i++) {
            if (found.get(i).isEmpty()) {
                nameless.set(i);
                found.set(i, "column " + (i + 1));
            }
        }
        return List.copyOf(found);
    }

    private void requireNames(Reading reading) {
        if (reading.header() != CsvHeader.NONE) {
            var seen = new HashSet<String>();
            names.stream()
                    .filter(name -> !seen.add(name))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new BadColumnsException(
                                "two columns are named \"%s\"; if the first line is data, give --no-header"
                                        .formatted(name));
                    });
        }
        for (var name : reading.ignored()) {
            if (!names.contains(name)) {
                throw new BadColumnsException(
                        "there is no column \"%s\" to leave out; there are: %s"
                                .formatted(name, listed(names)));
            }
        }
    }

    /** Returns the places of the columns shown, and then of the others that have names. */
    private int[] places() {
        var all = IntStream.range(0, names.size());
        var hidden = IntStream.range(0, names.size()).filter(i -> !isShown(i));
        return IntStream.concat(all.filter(this::isShown), hidden.filter(i -> !mustBeEmpty.get(i)))
                .toArray();
    }

    private boolean isShown(int place) {
        return !empty.get(place) && !ignored.contains(names.get(place));
    }

    private long shownCount() {
        return IntStream.of(places).filter(this::isShown).count();
    }

    private void tell() {
        var called = copyOf(nameless);
        called.andNot(mustBeEmpty);
        called.stream()
                .filter(this::isShown)
                .limit(PLACES_TOLD_MAX)
                .forEach(place ->
                        notes.add(
                                "column %d has no name and is called \"%s\"; --ignore \"%s\" leaves it out"
                                        .formatted(place + 1, names.get(place), names.get(place))));
        var left = empty.stream().filter(place -> !ignored.contains(names.get(place)));
        var told = left.mapToObj(names::get).toList();
        if (!told.isEmpty()) {
            notes.add("empty in all rows and left out: " + listed(told));
        }
    }

    /** Returns how many cells a row has. */
    public int width() {
        return names.size();
    }

    /** Returns the names of the columns that are there to train on. */
    public List<String> shown() {
        return shown;
    }

    /** Returns the name of a column by its index. */
    public String name(int index) {
        return names.get(places[index]);
    }

    /** Returns where a column stands in a row. */
    public int place(int index) {
        return places[index];
    }

    /** Returns the places of columns that have no name because they are empty. */
    public BitSet mustBeEmpty() {
        return mustBeEmpty;
    }

    /** Returns what a user should know. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /**
     * Returns the index of a column: those shown have the first ones.
     *
     * @throws BadColumnsException if there is none of this name, or it is left out
     */
    public int indexOf(String name) {
        if (ignored.contains(name)) {
            throw new BadColumnsException(
                    "column \"%s\" is named, but --ignore leaves it out: name it in one place only"
                            .formatted(name));
        }
        var index = indices.get(name);
        if (index == null) {
            throw new BadColumnsException(
                    "there is no column \"%s\"; there are: %s%s"
                            .formatted(name, listed(shown), hint()));
        }
        return index;
    }

    private String hint() {
        return shown.stream().anyMatch(name -> name.indexOf(',') >= 0)
                ? "; a name that holds a comma is written in double quotes: '\"a, b\",c'"
                : "";
    }

    private static String listed(List<String> names) {
        var told = names.stream().limit(NAMES_TOLD_MAX).collect(Collectors.joining(", "));
        return names.size() > NAMES_TOLD_MAX
                ? "%s and %d others".formatted(told, names.size() - NAMES_TOLD_MAX)
                : told;
    }
}
