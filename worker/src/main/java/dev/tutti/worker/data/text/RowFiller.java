package dev.tutti.worker.data.text;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;

/** Puts the cells that FastCSV finds into a row. */
final class RowFiller extends AbstractBaseCsvCallbackHandler<CellRow> {
    private CellRow row = new CellRow();

    /** Returns the row that is filled, perhaps a part of it so far. */
    CellRow row() {
        return row;
    }

    /** Fills another row from now on. */
    void fill(CellRow next) {
        row = next;
    }

    @Override
    protected void handleBegin(long startingLineNumber) {
        row.begin(startingLineNumber);
    }

    @Override
    protected void handleField(
            int index, char[] buffer, int offset, int fieldLength, boolean quoted) {
        row.add(buffer, offset, fieldLength);
    }

    @Override
    protected CellRow buildRecord() {
        return row;
    }
}
