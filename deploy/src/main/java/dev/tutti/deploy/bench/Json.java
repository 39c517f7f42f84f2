package dev.tutti.deploy.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The lines that peers print. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /**
     * Returns the object in the last line of what a program printed.
     *
     * @throws BenchException if there is none
     */
    static JsonNode lastLine(String name, String output) {
        var last = output.strip().lines().reduce("", (_, line) -> line);
        return parse(name, last);
    }

    /**
     * Returns the object that a program printed.
     *
     * @throws BenchException if it printed something else
     */
    static JsonNode parse(String name, String text) {
        try {
            var object = MAPPER.readTree(text);
            if (object.isObject()) {
                return object;
            }
        } catch (JsonProcessingException _) {
            // Said below.
        }
        throw new BenchException(
                "%s printed \"%s\" where one line of JSON was expected".formatted(name, text));
    }

    /**
     * Returns a number above 0 of an object.
     *
     * @param path with slashes
     * @throws BenchException if it is not there
     */
    static double positive(String name, JsonNode object, String path) {
        var value = object.at("/" + path);
        if (value.isNumber() && value.asDouble() > 0) {
            return value.asDouble();
        }
        throw new BenchException(
                "%s said %s where a number above 0 was expected as %s"
                        .formatted(name, object, path));
    }
}
