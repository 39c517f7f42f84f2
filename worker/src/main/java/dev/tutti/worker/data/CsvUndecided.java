package dev.tutti.worker.data;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Targets;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A target column whose values decide whether it holds classes or real values. */
final class CsvUndecided implements CsvTargets {
    private static final double WHOLE_MAX = 0x1p53;

    private final int column;
    private final MissingTokens tokens;
    private final CsvClasses classes;
    private final CsvValues values;
    private final Map<Long, Integer> samples = new HashMap<>();
    private boolean fractions;
    private boolean numbers;
    private Optional<DataException> word = Optional.empty();

    CsvUndecided(int column, MissingTokens tokens) {
        this.column = column;
        this.tokens = tokens;
        this.classes = new CsvClasses(column, tokens.ofClasses(), List.of());
        this.values = new CsvValues(new int[] {column}, tokens);
    }

    @Override
    public void add(CsvTable table) {
        if (!fractions) {
            // Numbers with a fraction are real values: millions of them are no names.
            classes.add(table);
        }
        var cell = table.cell(column);
        if (tokens.has(cell)) {
            values.add(table);
        } else if (CsvTable.isNumber(cell)) {
            values.add(table);
            take(Double.parseDouble(cell));
        } else {
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
    }

    private void take(double number) {
        numbers = true;
        if (number == Math.rint(number) && Math.abs(number) < WHOLE_MAX) {
            samples.merge((long) number, 1, Integer::sum);
        } else {
            fractions = true;
        }
    }

    @Override
    public CsvTargets decided() {
        var real = numbers && (fractions || !TargetRule.areClasses(samples));
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
}
