package dev.tutti.worker.data;

import dev.tutti.common.data.Targets;
import java.lang.foreign.Arena;
import java.util.stream.IntStream;

/** Target columns of real values. */
final class CsvValues implements CsvTargets {
    private final int[] columns;
    private final GrowingFloats values = new GrowingFloats();

    CsvValues(int[] columns) {
        this.columns = columns.clone();
    }

    @Override
    public void add(CsvTable table) {
        for (var column : columns) {
            values.add(table.number(column));
        }
    }

    @Override
    public Targets toTargets(CsvTable table, Arena arena) {
        return new Targets.Values(
                IntStream.of(columns).mapToObj(table::name).toList(), values.toVector(arena));
    }
}
