package dev.tutti.common.data;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** What the samples should come out as, outside the heap. */
public sealed interface Targets {
    /** How targets lie in the rows that a loss compares the outputs with. */
    enum Kind {
        /** One float a sample: the index of its class. */
        LABELS,
        /** As many floats a sample as there are outputs. */
        VALUES
    }

    /** Returns the bytes that hold them, four each. */
    MemorySegment bytes();

    /** Returns the names of the outputs: the classes, or the columns of real values. */
    List<String> names();

    /**
     * One class a sample.
     *
     * @param names of the classes; a label is an index into it
     * @param bytes count 32-bit integers
     */
    record Labels(List<String> names, MemorySegment bytes) implements Targets {
        /** Copies the names. */
        public Labels {
            names = List.copyOf(names);
        }

        /** Returns how many samples of each class are among the rows. */
        public int[] counts(int[] rows) {
            var counts = new int[names.size()];
            for (var row : rows) {
                counts[of(row)]++;
            }
            return counts;
        }

        /** Returns the class of a row. */
        public int of(int row) {
            return bytes.getAtIndex(JAVA_INT, row);
        }

        /** Returns these rows by class, those of a class in the order given. */
        public int[][] rowsByClass(int[] rows) {
            var byClass = Arrays.stream(counts(rows)).mapToObj(int[]::new).toArray(int[][]::new);
            var next = new int[byClass.length];
            for (var row : rows) {
                var k = of(row);
                byClass[k][next[k]] = row;
                next[k]++;
            }
            return byClass;
        }
    }

    /**
     * Real numbers.
     *
     * @param names of the columns
     * @param bytes count × names floats
     */
    record Values(List<String> names, MemorySegment bytes) implements Targets {
        /** Copies the names. */
        public Values {
            names = List.copyOf(names);
        }
    }
}
