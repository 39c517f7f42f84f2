package dev.tutti.worker.data.csv;

/** Reads the cells of one feature column as numbers. */
interface CsvCell {
    /** A word of a column whose kind is not known yet; numbers of a table are finite. */
    double WORD = Double.POSITIVE_INFINITY;

    /** Returns the number in the table's row; NaN if it is missing, {@link #WORD} for a word. */
    double read(CsvTable table);
}
