package dev.tutti.proto.shared;

import dev.tutti.proto.failure.WireException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A queue of small messages in shared memory, with one writer and one reader, in one process or in
 * two.
 *
 * <p>Layout: the index of the next byte to write (8 bytes), on its own cache line the index of the
 * next byte to read, then the bytes themselves. Indices only grow. A message is its length (4
 * bytes), its bytes, and padding up to the next multiple of 8. If it does not fit before the end of
 * the memory, {@link #WRAP} stands there and the message begins at the start.
 */
final class Ring {
    /** Bytes of a ring in memory. */
    static final int BYTES = 1 << 17;

    private static final int HEADER_BYTES = 128;
    private static final int CAPACITY = BYTES - HEADER_BYTES;
    private static final int WRAP = -1;
    private static final VarHandle INDEX = ValueLayout.JAVA_LONG.varHandle();
    private static final long WRITTEN = 0;
    private static final long READ = 64;

    /** Bytes of the largest message. */
    static final int MESSAGE_BYTES_MAX = CAPACITY / 4;

    private final MemorySegment memory;
    private final MemorySegment data;
    // Each side trusts its own count of its index, not the memory: the other side can write there.
    private long written;
    private long read;

    /** Takes {@link #BYTES} bytes of shared memory, zeroed before either side begins. */
    Ring(MemorySegment memory) {
        this.memory = memory;
        this.data = memory.asSlice(HEADER_BYTES, CAPACITY);
    }

    /** Tells the writer whether a message of any size has room. */
    boolean hasRoom() {
        return hasRoom(written - (long) INDEX.getAcquire(memory, READ));
    }

    /** Tells the reader whether the writer may wait for room. */
    boolean isFull() {
        return !hasRoom((long) INDEX.getAcquire(memory, WRITTEN) - read);
    }

    private static boolean hasRoom(long used) {
        // A message may waste the rest of the memory behind it, which is smaller than itself.
        return CAPACITY - used >= 2 * (MESSAGE_BYTES_MAX + 8);
    }

    /**
     * Adds a message; the reader sees it at once, and all that was written before it.
     *
     * @throws IllegalArgumentException if it is larger than {@link #MESSAGE_BYTES_MAX}
     * @throws IllegalStateException if there is no room
     */
    void write(byte[] message) {
        if (message.length > MESSAGE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a message of %d bytes, %d at most fit"
                            .formatted(message.length, MESSAGE_BYTES_MAX));
        }
        if (!hasRoom()) {
            throw new IllegalStateException("no room");
        }
        var at = (int) (written % CAPACITY);
        if (at + 4 + message.length > CAPACITY) {
            data.set(ValueLayout.JAVA_INT, at, WRAP);
            written += CAPACITY - at;
            at = 0;
        }
        data.set(ValueLayout.JAVA_INT, at, message.length);
        MemorySegment.copy(message, 0, data, ValueLayout.JAVA_BYTE, at + 4, message.length);
        written += occupied(message.length);
        INDEX.setRelease(memory, WRITTEN, written);
    }

    /**
     * Takes the next message, if there is one.
     *
     * @throws WireException if the other side wrote an invalid message
     */
    byte @Nullable [] read() {
        if (read == (long) INDEX.getAcquire(memory, WRITTEN)) {
            return null;
        }
        var at = (int) (read % CAPACITY);
        var length = data.get(ValueLayout.JAVA_INT, at);
        if (length == WRAP) {
            read += CAPACITY - at;
            at = 0;
            length = data.get(ValueLayout.JAVA_INT, at);
        }
        if (length < 0 || length > MESSAGE_BYTES_MAX || at + 4 + length > CAPACITY) {
            throw new WireException("a message of %d bytes in shared memory".formatted(length));
        }
        var message = new byte[length];
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at + 4, message, 0, length);
        read += occupied(length);
        INDEX.setRelease(memory, READ, read);
        return message;
    }

    /** Returns the bytes that a message takes, a multiple of 8 so that a length is never cut. */
    private static int occupied(int length) {
        return (4 + length + 7) / 8 * 8;
    }
}
