package dev.tutti.coordinator.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * JSON that is written field by field, as what a run's first step writes is: to find the fields of
 * records by reflection, as {@link RecordJson} does, takes longer than the rest of that step.
 */
final class JsonText {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonText() {}

    /** Writes the fields of an object. */
    @FunctionalInterface
    interface Fields {
        /** Writes them, and nothing around them. */
        void write(JsonGenerator json) throws IOException;
    }

    /** Returns the object of these fields, on one line. */
    static String of(Fields fields) {
        var text = new StringWriter();
        try (var json = FACTORY.createGenerator(text)) {
            writeObject(json, fields);
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot be written", e);
        }
        return text.toString();
    }

    /** Writes the object of these fields. */
    static void writeObject(JsonGenerator json, Fields fields) throws IOException {
        json.writeStartObject();
        fields.write(json);
        json.writeEndObject();
    }

    /** Writes a field whose value is the object of these fields. */
    static void writeObject(JsonGenerator json, String name, Fields fields) throws IOException {
        json.writeFieldName(name);
        writeObject(json, fields);
    }

    /** Writes a field whose value is a number, or {@code null} if there is none. */
    static void writeNumber(JsonGenerator json, String name, @Nullable Double value)
            throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value);
        }
    }
}
