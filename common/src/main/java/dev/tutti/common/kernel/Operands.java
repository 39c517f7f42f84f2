package dev.tutti.common.kernel;

import dev.tutti.common.vector.Elements;
import java.lang.foreign.MemorySegment;

/** What is checked before memory is handed to native code, which checks nothing itself. */
public final class Operands {
    private Operands() {}

    /**
     * Refuses a matrix that does not hold {@code rows} × {@code columns} elements.
     *
     * @param operand its name, for the message
     */
    public static void requireSize(String operand, MemorySegment matrix, int rows, int columns) {
        requireSize(operand, Elements.of(matrix), rows, columns);
    }

    /** The same for elements of either precision. */
    public static void requireSize(String operand, Elements matrix, int rows, int columns) {
        var needed = (long) rows * columns;
        if (rows < 0 || columns < 0 || matrix.count() < needed) {
            throw new IllegalArgumentException(
                    "operand %s must hold %d×%d floats, holds %d"
                            .formatted(operand, rows, columns, matrix.count()));
        }
    }
}
