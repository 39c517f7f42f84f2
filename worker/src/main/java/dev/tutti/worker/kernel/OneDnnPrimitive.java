package dev.tutti.worker.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Code that oneDNN has compiled, with the memory objects that it is called with; belongs to the
 * thread that made it. Its native objects, a few kilobytes, stay until the process ends.
 */
final class OneDnnPrimitive {
    private static final int ARGUMENT_BYTES = 16;

    /**
     * An operand.
     *
     * @param meaning oneDNN's number for its part in the operation
     * @param shape its description
     */
    record Argument(int meaning, MemorySegment shape) {}

    private final OneDnn library;
    private final MemorySegment primitive;
    private final MemorySegment[] memories;
    private final MemorySegment arguments;

    OneDnnPrimitive(OneDnn library, MemorySegment primitive, Argument... operands) {
        this.library = library;
        this.primitive = primitive;
        memories = new MemorySegment[operands.length];
        arguments = Arena.ofAuto().allocate((long) operands.length * ARGUMENT_BYTES, Long.BYTES);
        for (var i = 0; i < operands.length; i++) {
            memories[i] = library.memory(operands[i].shape);
            arguments.set(JAVA_INT, (long) i * ARGUMENT_BYTES, operands[i].meaning);
            arguments.set(ADDRESS, (long) i * ARGUMENT_BYTES + Long.BYTES, memories[i]);
        }
    }

    /** Runs it over operands in the order of the arguments. */
    void run(MemorySegment stream, MemorySegment... operands) {
        for (var i = 0; i < operands.length; i++) {
            library.pointTo(operands[i], memories[i]);
        }
        library.execute(primitive, stream, operands.length, arguments);
    }
}
