package dev.tutti.worker.data;

import dev.tutti.common.data.Targets;
import java.lang.foreign.Arena;

/** The target columns of a table while it is read. */
sealed interface CsvTargets permits CsvClasses, CsvUndecided, CsvValues {
    /** Takes the targets of the table's row. */
    void add(CsvTable table);

    /** Returns the targets of all rows. */
    Targets toTargets(CsvTable table, Arena arena);
}
