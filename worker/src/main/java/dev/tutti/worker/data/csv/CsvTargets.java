package dev.tutti.worker.data.csv;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Targets;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.Optional;

/** The target columns of a table while it is read. */
public sealed interface CsvTargets extends AutoCloseable
        permits CsvClasses, CsvUndecided, CsvValues {
    /** What to do about a target that is missing. */
    String HELP = "a target cannot be filled: --missing drop leaves such rows out";

    /** Takes the targets of the table's row. */
    void add(CsvTable table);

    /**
     * Returns the same targets once it is known what they are.
     *
     * @throws DataException if a cell does not fit the others
     */
    CsvTargets decided();

    /** Returns the rows without a target. */
    Missing missing();

    /**
     * Returns the targets of some rows.
     *
     * @param kept the rows, none of them without a target
     */
    Targets toTargets(CsvTable table, int[] kept, Arena arena);

    /** Gives back the memory of what was read. */
    @Override
    void close();

    /** Rows without a target, and the refusal of the first. */
    final class Missing {
        private final BitSet rows = new BitSet();
        private Optional<DataException> first = Optional.empty();

        void add(int row, CsvTable table, int column) {
            rows.set(row);
            if (first.isEmpty()) {
                first = Optional.of(table.missing(column, HELP));
            }
        }

        BitSet rows() {
            return rows;
        }

        Optional<DataException> first() {
            return first;
        }
    }
}
