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
    private final CsvClasses classes;
    private final CsvValues values;
    private final Map<Long, Integer> samples = new HashMap<>();
    private boolean fractions;
    private boolean numbers;
    private Optional<DataException> word = Optional.empty();

    CsvUndecided(int column) {
        this.column = column;
        this.classes = new CsvClasses(column, List.of());
        this.values = new CsvValues(new int[] {column});
    }

    @Override
    public void add(CsvTable table) {
        classes.add(table);
        var cell = table.cell(column);
        if (!CsvTable.isNumber(cell)) {
            word =
                    word.or(() ->
                            Optional.of(
                                    table.refused(
                                            column,
                                            "is no number, but other cells of the target are, and"
                                                    + " they look like real values: correct it, or"
                                                    + " give --task classification to take all as"
                                                    + " classes")));
            return;
        }
        values.add(table);
        numbers = true;
        var number = Double.parseDouble(cell);
        if (number == Math.rint(number) && Math.abs(number) < WHOLE_MAX) {
            samples.merge((long) number, 1, Integer::sum);
        } else {
            fractions = true;
        }
    }

    @Override
    public Targets toTargets(CsvTable table, Arena arena) {
        var real = numbers && (fractions || !TargetRule.areClasses(samples));
        if (real && word.isPresent()) {
            throw word.get();
        }
        return real ? values.toTargets(table, arena) : classes.toTargets(table, arena);
    }
}
