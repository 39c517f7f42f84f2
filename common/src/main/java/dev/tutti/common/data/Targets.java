package dev.tutti.common.data;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
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
                counts[bytes.getAtIndex(JAVA_INT, row)]++;
            }
            return counts;
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
