package dev.tutti.worker.data.csv;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Targets;
import dev.tutti.worker.data.source.TargetRule;
import dev.tutti.worker.data.table.MissingTokens;
import dev.tutti.worker.data.text.PlainNumber;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/**
 * A target column whose cells decide whether it holds classes or real values. If its numbers are
 * wanted, numbers are real values; a column that begins with a word can only be classes, which a
 * loss over values gets one-hot. Otherwise {@link TargetRule} decides over all of them.
 */
final class CsvUndecided implements CsvTargets {
    private final int column;
    private final MissingTokens tokens;
    private final boolean numbersMayBeMissing;
    private final boolean valuesAreWanted;
    private final CsvClasses classes;
    private final CsvValues values;
    private boolean fractions;
    private boolean numbers;
    private Optional<DataException> word = Optional.empty();

    /**
     * Makes an empty column.
     *
     * @param valuesAreWanted whether a column whose first filled cell is a number is real values
     */
    CsvUndecided(int column, MissingTokens tokens, boolean valuesAreWanted) {
        this.column = column;
        this.tokens = tokens;
        this.numbersMayBeMissing = tokens.hasNumbers();
        this.valuesAreWanted = valuesAreWanted;
        this.classes = new CsvClasses(column, tokens.ofClasses(), List.of());
        this.values = new CsvValues(new int[] {column}, tokens);
    }

    @Override
    public void add(CsvTable table) {
        if (!areValues()) {
            // Once they are real values, millions of them are no names.
            classes.add(table);
        }
        if (valuesAreWanted && word.isPresent()) {
            return;
        }
        var number = numbersMayBeMissing ? Double.NaN : table.shortNumber(column);
        if (!Double.isNaN(number)) {
            take(table, number);
            return;
        }
        var cell = table.cell(column);
        if (tokens.has(cell)) {
            values.add(table);
        } else if (PlainNumber.isNumber(cell)) {
            take(table, Double.parseDouble(cell));
        } else {
            takeWord(table);
        }
    }

    private void take(CsvTable table, double number) {
        values.add(table);
        numbers = true;
        fractions |= !TargetRule.isWhole(number);
    }

    private void takeWord(CsvTable table) {
        if (areValues() && valuesAreWanted) {
            values.add(table); // which refuses it
            return;
        }
        values.addWord();
        word =
                word.or(() ->
                        Optional.of(
                                table.refused(
                                        column,
                                        "is no number, but other cells of the target are, and"
                                                + " they look like real values: correct it, or"
                                                + " give --task classification to take all as"
                                                + " classes")));
    }

    /** Tells whether it is certain by now. */
    private boolean areValues() {
        return numbers && (fractions || valuesAreWanted);
    }

    @Override
    public CsvTargets decided() {
        var real = areValues() || (numbers && !TargetRule.areClasses(classes.wholeNumbers()));
        if (real && word.isPresent()) {
            throw word.get();
        }
        return real ? values : classes.decided();
    }

    @Override
    public Missing missing() {
        return decided().missing();
    }

    @Override
    public Targets toTargets(CsvTable table, int[] kept, Arena arena) {
        return decided().toTargets(table, kept, arena);
    }

    @Override
    public void close() {
        classes.close();
        values.close();
    }
}
