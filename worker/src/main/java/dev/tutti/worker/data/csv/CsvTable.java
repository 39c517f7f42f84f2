package dev.tutti.worker.data.csv;

import de.siegmar.fastcsv.reader.CsvParseException;
import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.source.Packing;
import dev.tutti.worker.data.source.Reading;
import dev.tutti.worker.data.source.SourceFile;
import dev.tutti.worker.data.table.CsvHeader;
import dev.tutti.worker.data.target.TableColumns;
import dev.tutti.worker.data.target.TableColumns.BadColumnsException;
import dev.tutti.worker.data.text.DecimalMark;
import dev.tutti.worker.data.text.DecodedText;
import dev.tutti.worker.data.text.Delimiter;
import dev.tutti.worker.data.text.NumberStyle;
import dev.tutti.worker.data.text.PlainNumber;
import dev.tutti.worker.data.text.Rows;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Text with cells in lines and mostly a line of column names (RFC 4180, with other delimiters too),
 * walked row by row; every refusal names the file, the line and the column.
 */
final class CsvTable implements AutoCloseable {
    private final String name;
    private final Rows rows;
    private final TableColumns columns;
    private boolean holdsFirstRow;

    /**
     * Reads the column names.
     *
     * @param name what refusals call the text: a path
     * @param in text; closed by {@link #close}
     * @param reading how it is written
     * @throws DataException if there are no column names
     */
    CsvTable(String name, InputStream in, Reading reading) {
        // Whether other columns are empty to the end cannot be known of a text that is read once.
        this(name, in, false, reading, _ -> new BitSet());
    }

    private CsvTable(
            String name,
            InputStream in,
            boolean inFile,
            Reading reading,
            UnaryOperator<BitSet> emptyOf) {
        this.name = name;
        this.rows = rows(in, inFile, reading);
        if (!advance()) {
            throw refused(
                    reading.header() == CsvHeader.NONE
                            ? "it is empty; expected a line for each sample"
                            : "it is empty; expected a line of column names");
        }
        requireHeader(reading.header());
        this.holdsFirstRow = reading.header() == CsvHeader.NONE;
        try {
            this.columns = new TableColumns(rows, reading, emptyOf);
        } catch (BadColumnsException e) {
            throw refused(e.reason());
        }
    }

    private Rows rows(InputStream in, boolean inFile, Reading reading) {
        try {
            return Rows.of(
                    DecodedText.of(in, reading.encoding()),
                    reading.delimiter(),
                    reading.decimal(),
                    inFile);
        } catch (IOException e) {
            throw refused(SourceFile.reason(e));
        }
    }

    /** Opens a file. */
    static CsvTable open(SourceFile file, Reading reading) {
        try {
            Packing.of(file)
                    .ifPresent(packing -> {
                        throw file.refused(packing.advice());
                    });
            return new CsvTable(
                    file.path().toString(),
                    file.open(),
                    Files.isRegularFile(file.path()),
                    reading,
                    columns -> emptyOf(columns, file, reading));
        } catch (IOException e) {
            throw file.refused(e);
        }
    }

    /** Returns those of some columns of a file that are empty in all rows. */
    private static BitSet emptyOf(BitSet columns, SourceFile file, Reading reading) {
        var empty = (BitSet) columns.clone();
        try (var table = new CsvTable(file.path().toString(), file.open(), reading)) {
            while (!empty.isEmpty() && table.next()) {
                columns.stream().filter(place -> !table.rows.isBlank(place)).forEach(empty::clear);
            }
            return empty;
        } catch (IOException e) {
            throw file.refused(e);
        }
    }

    /** Returns what refusals call the text. */
    String name() {
        return name;
    }

    /** Returns lines that tell a user how the table is written, if it is not as most are. */
    List<String> notes() {
        var found = new ArrayList<String>();
        var options = new ArrayList<String>();
        rows.marked().ifPresent(encoding -> found.add("text in " + encoding));
        switch (rows.delimiterOrigin()) {
            case OPTION -> {}
            case FIRST_LINE -> {
                found.add(rows.delimiter().plural() + " between cells, as its first line says");
                options.add("--delimiter");
            }
            case FOUND_OUT -> {
                if (!rows.delimiter().equals(Delimiter.COMMA)) {
                    found.add(rows.delimiter().plural() + " between cells");
                    options.add("--delimiter");
                }
            }
        }
        if (!rows.numbers().given() && rows.numbers().decimal() == DecimalMark.COMMA) {
            found.add("numbers with a decimal comma");
            options.add("--decimal");
        } else if (!rows.numbers().given() && rows.numbers().groups()) {
            found.add("numbers with commas between thousands");
            options.add("--decimal");
        }
        var notes = new ArrayList<String>();
        if (!found.isEmpty()) {
            notes.add(
                    String.join(", ", found)
                            + switch (options.size()) {
                                case 0 -> "";
                                case 1 -> "; %s says otherwise".formatted(options.getFirst());
                                default ->
                                        "; %s say otherwise"
                                                .formatted(String.join(" and ", options));
                            });
        }
        notes.addAll(columns.notes());
        return notes.stream().map(note -> name + ": " + note).toList();
    }

    /** Returns the names of the columns that are there to train on. */
    List<String> columns() {
        return columns.shown();
    }

    /** Returns the name of a column. */
    String name(int column) {
        return columns.name(column);
    }

    /** Returns the place of a column. */
    int indexOf(String column) {
        try {
            return columns.indexOf(column);
        } catch (BadColumnsException e) {
            throw refused(e.reason());
        }
    }

    /** Goes to the next row; false if there is none. */
    boolean next() {
        if (holdsFirstRow) {
            holdsFirstRow = false;
            return true;
        }
        do {
            if (!advance()) {
                return false;
            }
        } while (isBlankLine());
        requireCells();
        return true;
    }

    private boolean isBlankLine() {
        return rows.count() == 1 && columns.width() > 1 && rows.isBlank(0);
    }

    private void requireCells() {
        if (rows.count() != columns.width()) {
            throw refused(
                    "line %d: found %d cells, expected %d as there are columns"
                            .formatted(rows.line(), rows.count(), columns.width()));
        }
        var extra = columns.mustBeEmpty();
        for (var place = extra.nextSetBit(0); place >= 0; place = extra.nextSetBit(place + 1)) {
            if (!rows.isBlank(place)) {
                throw refused(
                        "line %d, column %d: found \"%s\" in a column that has no name and is empty in the first rows; give it a name"
                                .formatted(rows.line(), place + 1, rows.cell(place)));
            }
        }
    }

    /** Returns the line that the row begins in, counted from 1. */
    long line() {
        return rows.line();
    }

    /**
     * Returns a cell of the row without space around it; a number has a decimal point and nothing
     * between thousands, however it is written.
     *
     * @throws DataException if it could be two numbers
     */
    String cell(int column) {
        var cell = text(column);
        rows.numbers()
                .doubt(cell)
                .ifPresent(doubt -> {
                    throw refused(column, doubt);
                });
        return rows.numbers().plain(cell);
    }

    /** Returns a cell of the row as it is written, without space around it. */
    String text(int column) {
        return rows.cell(columns.place(column));
    }

    /** Returns a cell of the row that must be a finite number. */
    float number(int column) {
        var number = (float) numberOrNaN(column, false);
        if (Float.isNaN(number)) {
            throw notANumber(column, "");
        }
        return number;
    }

    /**
     * Returns a cell of the row as a number; NaN if it is none.
     *
     * @param inDoubles whether it is rounded to a double, and not to a float: both at once would
     *     round twice
     * @throws DataException if it is beyond the floats, or could be two numbers
     */
    double numberOrNaN(int column, boolean inDoubles) {
        var number = rows.number(columns.place(column), inDoubles);
        if (Double.isNaN(number)) {
            var cell = cell(column);
            number = inDoubles ? PlainNumber.toDouble(cell) : PlainNumber.toFloat(cell);
        }
        if (Float.isInfinite((float) number)) {
            throw refused(column, "is too large for a 32-bit float");
        }
        return number;
    }

    /**
     * Returns a cell of the row as a number in double precision, if it is one that is read fast:
     * NaN says only that its text must be looked at.
     */
    double shortNumber(int column) {
        return rows.number(columns.place(column), true);
    }

    private static boolean looksLikeNumber(String cell) {
        return PlainNumber.isNumber(cell) || NumberStyle.looksLikeNumber(cell);
    }

    /** Returns the option with which a cell that is no number is one, if there is one. */
    Optional<String> remedy(String cell) {
        return rows.numbers().remedy(cell);
    }

    /**
     * Returns a refusal of a cell of the row that must be a number.
     *
     * @param advice where no option makes it one
     */
    DataException notANumber(int column, String advice) {
        var told = remedy(text(column)).map(option -> "; " + option).orElse(advice);
        return refused(column, "is not a finite number" + told);
    }

    /** Returns a refusal of a cell of the row that stands for a missing value. */
    DataException missing(int column, String help) {
        return refused("%s; %s".formatted(found(column, "stands for a missing value"), help));
    }

    /** Returns a refusal of a cell of the row. */
    DataException refused(int column, String message) {
        return refused(found(column, message));
    }

    private String found(int column, String message) {
        var cell = text(column);
        return "line %d, column \"%s\": %s"
                .formatted(
                        rows.line(),
                        name(column),
                        cell.isEmpty()
                                ? "the cell is empty"
                                : "\"%s\" %s".formatted(cell, message));
    }

    /** Returns the refusal of a text without a row. */
    DataException withoutSamples() {
        return refused("it has no samples, only column names");
    }

    /** Returns a refusal of the whole text. */
    DataException refused(String message) {
        return new DataException(name + ": " + message);
    }

    @Override
    public void close() {
        try {
            rows.close();
        } catch (IOException e) {
            throw refused(SourceFile.reason(e));
        }
    }

    private boolean advance() {
        try {
            return rows.next();
        } catch (UncheckedIOException e) {
            var reason =
                    Optional.ofNullable(e.getCause())
                            .map(SourceFile::reason)
                            .orElse("it cannot be read");
            throw new DataException(name + ": " + reason, e);
        } catch (CsvParseException e) {
            throw new DataException(
                    "%s: line %d: it is no table with %s between cells: %s"
                            .formatted(name, rows.line(), rows.delimiter().plural(), reason(e)),
                    e);
        }
    }

    private void requireHeader(CsvHeader header) {
        if (header == CsvHeader.DETECT) {
            CsvHeader.dataIn(rows.cells(), CsvTable::looksLikeNumber)
                    .ifPresent(cell -> {
                        throw refused(
                                "the first line looks like data, not names: it holds \"%s\"; --no-header takes it as data, with columns named 1 to %d; --header takes it as names"
                                        .formatted(cell, rows.count()));
                    });
        }
    }

    private static String reason(CsvParseException e) {
        return e.getMessage() == null ? "it cannot be parsed" : e.getMessage();
    }
}
