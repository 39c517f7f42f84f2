package dev.tutti.common.format;

import java.util.List;
import java.util.Map;

/** A value of JSON (RFC 8259), as far as file headers need it. */
sealed interface Json {
    /** Text in quotes. */
    record Text(String value) implements Json {}

    /** A number, as it was written. */
    record Numeral(String digits) implements Json {}

    /** Values in brackets. */
    record Items(List<Json> values) implements Json {}

    /** Named values in braces, in their order; no name comes twice. */
    record Members(Map<String, Json> values) implements Json {}

    /** {@code true}, {@code false} or {@code null}. */
    record Word(String value) implements Json {}

    /** Returns what a message calls this value. */
    default String noun() {
        return switch (this) {
            case Text(var value) -> "the text \"" + value + "\"";
            case Numeral(var digits) -> "the number " + digits;
            case Items _ -> "a list";
            case Members _ -> "an object";
            case Word(var value) -> value;
        };
    }

    /** Returns {@code text} in quotes, escaped. */
    static String quoted(String text) {
        var out = new StringBuilder("\"");
        text.chars()
                .forEach(c -> {
                    switch (c) {
                        case '"' -> out.append("\\\"");
                        case '\\' -> out.append("\\\\");
                        default -> {
                            if (c < ' ') {
                                out.append("\\u%04x".formatted(c));
                            } else {
                                out.append((char) c);
                            }
                        }
                    }
                });
        return out.append('"').toString();
    }
}
