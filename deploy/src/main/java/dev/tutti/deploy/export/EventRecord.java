package dev.tutti.deploy.export;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * One event of a TensorBoard file, as bytes: a protobuf message {@code tensorflow.Event} ({@code
 * tensorflow/core/util/event.proto}) in the frame of a TFRecord ({@code
 * tensorflow/core/lib/io/record_writer.h}): its length, a checksum of the length, the message, a
 * checksum of the message; all of them little-endian.
 */
final class EventRecord {
    /** What the first event of a file says. */
    private static final String VERSION = "brain.Event:2";

    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE = 2;
    private static final int SESSION_STATUS = 1;
    private static final int SESSION_START = 1;

    /**
     * TFRecord rotates a CRC-32C and adds this: a checksum of data that holds checksums is weak.
     */
    private static final int MASK = 0xa282ead8;

    private static final int ROTATION = 15;

    private EventRecord() {}

    /** Writes the fields of a message. */
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    /** Returns the first record of a file. */
    static ByteBuffer version(double wallSeconds) {
        return framed(
                message(out -> {
                    out.writeDouble(WALL_TIME, wallSeconds);
                    out.writeString(FILE_VERSION, VERSION);
                }));
    }

    /**
     * Returns the record that says where a run goes on: events of this step and later ones that
     * came before it do not count.
     */
    static ByteBuffer start(double wallSeconds, long step) {
        return framed(
                message(out -> {
                    out.writeDouble(WALL_TIME, wallSeconds);
                    out.writeInt64(STEP, step);
                    out.writeByteArray(
                            SESSION_LOG,
                            message(log -> log.writeEnum(SESSION_STATUS, SESSION_START)));
                }));
    }

    /**
     * Returns a record of scalars.
     *
     * @param values by their tags
     */
    static ByteBuffer scalars(double wallSeconds, long step, Map<String, Double> values) {
        return framed(
                message(out -> {
                    out.writeDouble(WALL_TIME, wallSeconds);
                    out.writeInt64(STEP, step);
                    out.writeByteArray(
                            SUMMARY,
                            message(summary -> {
                                for (var value : values.entrySet()) {
                                    summary.writeByteArray(
                                            SUMMARY_VALUE,
                                            message(scalar -> {
                                                scalar.writeString(VALUE_TAG, value.getKey());
                                                scalar.writeFloat(
                                                        VALUE_SIMPLE,
                                                        value.getValue().floatValue());
                                            }));
                                }
                            }));
                }));
    }

    private static byte[] message(Fields fields) {
        try {
            var bytes = new ByteArrayOutputStream();
            var out = CodedOutputStream.newInstance(bytes);
            fields.write(out);
            out.flush();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("memory takes any message", e);
        }
    }

    private static ByteBuffer framed(byte[] message) {
        var frame =
                ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + message.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        frame.putLong(message.length);
        frame.putInt(masked(frame.array(), Long.BYTES));
        frame.put(message);
        return frame.putInt(masked(message, message.length)).flip();
    }

    private static int masked(byte[] bytes, int count) {
        var checksum = new CRC32C();
        checksum.update(bytes, 0, count);
        return Integer.rotateRight((int) checksum.getValue(), ROTATION) + MASK;
    }
}
