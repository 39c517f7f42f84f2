package dev.tutti.deploy.bench.peer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The lines that peers print. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /**
     * Returns the object in the last line of what a program printed.
     *
     * @throws BenchException if there is none
     */
    public static JsonNode lastLine(String name, String output) {
        var last = output.strip().lines().reduce("", (_, line) -> line);
        return parse(name, last);
    }

    /**
     * Returns the object that a program printed.
     *
     * @throws BenchException if it printed something else
     */
    public static JsonNode parse(String name, String text) {
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
    public static double positive(String name, JsonNode object, String path) {
        var value = number(name, object, path);
        if (value > 0) {
            return value;
        }
        throw unexpected(name, object, path);
    }

    /**
     * Returns a number of an object.
     *
     * @param path with slashes
     * @throws BenchException if it is not there
     */
    public static double number(String name, JsonNode object, String path) {
        var value = object.at("/" + path);
        if (value.isNumber()) {
            return value.asDouble();
        }
        throw unexpected(name, object, path);
    }

    private static BenchException unexpected(String name, JsonNode object, String path) {
        return new BenchException(
                "%s said %s where a number was expected as %s".formatted(name, object, path));
    }
}
