package dev.tutti.worker.data.csv;

import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.table.CellStore;
import dev.tutti.worker.data.table.MissingTokens;
import java.lang.foreign.Arena;
import java.util.stream.IntStream;

/** Target columns of real values. */
final class CsvValues implements CsvTargets {
    private final int[] columns;
    private final MissingTokens tokens;
    private final boolean numbersMayBeMissing;
    private final CellStore values = new CellStore(false);
    private final Missing missing = new Missing();
    private int rows;

    CsvValues(int[] columns, MissingTokens tokens) {
        this.columns = columns.clone();
        this.tokens = tokens;
        this.numbersMayBeMissing = tokens.hasNumbers();
    }

    @Override
    public void add(CsvTable table) {
        for (var column : columns) {
            values.add(value(table, column));
        }
        rows++;
    }

    private float value(CsvTable table, int column) {
        if (!numbersMayBeMissing) {
            var number = (float) table.numberOrNaN(column, false);
            if (!Float.isNaN(number)) {
                return number;
            }
        }
        if (tokens.has(table.cell(column))) {
            missing.add(rows, table, column);
            return Float.NaN;
        }
        return table.number(column);
    }

    /** Takes a row that has no number, for a column that turns out to be classes. */
    void addWord() {
        values.add(Float.NaN);
        rows++;
    }

    @Override
    public CsvTargets decided() {
        return this;
    }

    @Override
    public Missing missing() {
        return missing;
    }

    @Override
    public Targets toTargets(CsvTable table, int[] kept, Arena arena) {
        var width = columns.length;
        var vector = Floats.allocate(arena, (long) kept.length * width);
        for (var i = 0; i < kept.length; i++) {
            for (var k = 0; k < width; k++) {
                var value = (float) values.get((long) kept[i] * width + k);
                Floats.set(vector, (long) i * width + k, value);
            }
        }
        return new Targets.Values(IntStream.of(columns).mapToObj(table::name).toList(), vector);
    }

    @Override
    public void close() {
        values.close();
    }
}
