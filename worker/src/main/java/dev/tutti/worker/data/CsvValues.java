package dev.tutti.worker.data;

import dev.tutti.common.data.Targets;
import dev.tutti.common.kernel.Floats;
import java.lang.foreign.Arena;
import java.util.stream.IntStream;

/** Target columns of real values. */
final class CsvValues implements CsvTargets {
    private final int[] columns;
    private final MissingTokens tokens;
    private final GrowingFloats values = new GrowingFloats();
    private final Missing missing = new Missing();
    private int rows;

    CsvValues(int[] columns, MissingTokens tokens) {
        this.columns = columns.clone();
        this.tokens = tokens;
    }

    @Override
    public void add(CsvTable table) {
        for (var column : columns) {
            if (tokens.has(table.cell(column))) {
                missing.add(rows, table, column);
                values.add(Float.NaN);
            } else {
                values.add(table.number(column));
            }
        }
        rows++;
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
                var value = values.get((long) kept[i] * width + k);
                Floats.set(vector, (long) i * width + k, value);
            }
        }
        return new Targets.Values(IntStream.of(columns).mapToObj(table::name).toList(), vector);
    }
}
