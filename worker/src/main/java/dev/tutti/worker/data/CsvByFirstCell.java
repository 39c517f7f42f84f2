package dev.tutti.worker.data;

import dev.tutti.common.data.Targets;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/**
 * A target column for a loss over values: real values if its first filled cell is a number. Words
 * can only be classes; the loss then gets them one-hot.
 */
final class CsvByFirstCell implements CsvTargets {
    private final int column;
    private final MissingTokens tokens;
    private final CsvClasses classes;
    private final CsvValues values;
    private Optional<CsvTargets> found = Optional.empty();

    CsvByFirstCell(int column, MissingTokens tokens) {
        this.column = column;
        this.tokens = tokens;
        this.classes = new CsvClasses(column, tokens.ofClasses(), List.of());
        this.values = new CsvValues(new int[] {column}, tokens);
    }

    @Override
    public void add(CsvTable table) {
        if (found.isEmpty()) {
            var cell = table.cell(column);
            if (tokens.has(cell)) {
                classes.add(table);
                values.add(table);
                return;
            }
            found = Optional.of(CsvTable.isNumber(cell) ? values : classes);
        }
        found.get().add(table);
    }

    @Override
    public CsvTargets decided() {
        return found.orElse(classes).decided();
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
