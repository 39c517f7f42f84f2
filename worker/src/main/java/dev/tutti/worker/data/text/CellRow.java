package dev.tutti.worker.data.text;

import de.siegmar.fastcsv.reader.CsvParseException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The cells of a row, one behind the other; a cell becomes a string only if somebody asks for it.
 */
final class CellRow {
    private static final int CELLS_MAX = 1 << 20;
    private static final int CHARACTERS_MAX = 1 << 28;

    private char[] characters = new char[1 << 10];
    private int[] ends = new int[1 << 5];
    private int length;
    private int count;
    private long line = 1;

    /** Returns the number of cells. */
    int count() {
        return count;
    }

    /** Returns the line that the row begins in, counted from 1. */
    long line() {
        return line;
    }

    /** Returns a cell without the white space around it. */
    String cell(int index) {
        var from = index == 0 ? 0 : ends[index - 1];
        return new String(characters, from, ends[index] - from).strip();
    }

    /** Tells whether a cell holds nothing but white space. */
    boolean isBlank(int index) {
        for (var i = index == 0 ? 0 : ends[index - 1]; i < ends[index]; i++) {
            if (!Character.isWhitespace(characters[i])) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns a cell as a number, if it is one that is read fast; NaN otherwise.
     *
     * @param inDoubles whether it is rounded to a double, and not to a float
     */
    double number(int index, char decimal, boolean inDoubles) {
        var from = index == 0 ? 0 : ends[index - 1];
        var to = ends[index];
        while (from < to && Character.isWhitespace(characters[from])) {
            from++;
        }
        while (to > from && Character.isWhitespace(characters[to - 1])) {
            to--;
        }
        return ShortNumbers.parse(characters, from, to, decimal, inDoubles);
    }

    /** Returns all cells. */
    List<String> cells() {
        return IntStream.range(0, count).mapToObj(this::cell).toList();
    }

    /** Returns the number of characters. */
    int length() {
        return length;
    }

    /** Forgets the cells, for a row that begins in a line. */
    void begin(long startingLine) {
        line = startingLine;
        count = 0;
        length = 0;
    }

    /** Adds a cell. */
    void add(char[] buffer, int offset, int fieldLength) {
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, grown(count + 1, CELLS_MAX, "cells"));
        }
        if (fieldLength > characters.length - length) {
            characters =
                    Arrays.copyOf(
                            characters, grown(length + fieldLength, CHARACTERS_MAX, "characters"));
        }
        System.arraycopy(buffer, offset, characters, length, fieldLength);
        length += fieldLength;
        ends[count++] = length;
    }

    private static int grown(int needed, int max, String what) {
        if (needed > max) {
            throw new CsvParseException("a row has more than %d %s".formatted(max, what));
        }
        return Math.min(max, 2 * needed);
    }
}
