package dev.tutti.coordinator.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tutti.common.format.FormatException;

/** Records as JSON, for what is read or written once; see {@code StepLog} for the rest. */
public final class RecordJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private RecordJson() {}

    /** Returns a record as the JSON of one line. */
    public static String line(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record that is no JSON: " + value, e);
        }
    }

    /** Returns a record as indented JSON. */
    static String indented(Object value) {
        try {
            return MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record that is no JSON: " + value, e);
        }
    }

    /**
     * Returns the record that a text stands for.
     *
     * @param what it is, for the message
     * @throws FormatException if it does not
     */
    public static <T> T parse(String what, String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new FormatException(
                    "%s cannot be read: %s".formatted(what, e.getOriginalMessage()));
        }
    }
}
