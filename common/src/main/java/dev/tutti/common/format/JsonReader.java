package dev.tutti.common.format;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Reads one JSON value and nothing else: no comments, no trailing commas, no name twice in one
 * object, no nesting beyond what a header can need.
 */
final class JsonReader {
    private static final int DEPTH_MAX = 16;
    private static final List<String> WORDS = List.of("true", "false", "null");

    private final String text;
    private int at;

    private JsonReader(String text) {
        this.text = text;
    }

    /**
     * Reads {@code text} whole.
     *
     * @throws FormatException if it is not one JSON value; the message says where
     */
    static Json read(String text) {
        var reader = new JsonReader(text);
        var value = reader.value(1);
        reader.skipSpace();
        if (reader.at < text.length()) {
            throw reader.refused("the end");
        }
        return value;
    }

    private Json value(int depth) {
        if (depth > DEPTH_MAX) {
            throw refused("at most %d levels of nesting".formatted(DEPTH_MAX));
        }
        skipSpace();
        return switch (peek()) {
            case '{' -> members(depth);
            case '[' -> items(depth);
            case '"' -> new Json.Text(quoted());
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> numeral();
            default -> word();
        };
    }

    private Json members(int depth) {
        var values = new LinkedHashMap<String, Json>();
        expect('{');
        if (!accept('}')) {
            do {
                skipSpace();
                var start = at;
                var name = quoted();
                expect(':');
                if (values.put(name, value(depth + 1)) != null) {
                    at = start;
                    throw refused("a name that is not there yet");
                }
            } while (accept(','));
            expect('}');
        }
        return new Json.Members(values);
    }

    private Json items(int depth) {
        var values = new ArrayList<Json>();
        expect('[');
        if (!accept(']')) {
            do {
                values.add(value(depth + 1));
            } while (accept(','));
            expect(']');
        }
        return new Json.Items(List.copyOf(values));
    }

    private Json numeral() {
        var start = at;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (peek() == '.') {
            at++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        return new Json.Numeral(text.substring(start, at));
    }

    private void digits() {
        var start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == start) {
            throw refused("a digit");
        }
    }

    private Json word() {
        for (var word : WORDS) {
            if (text.startsWith(word, at)) {
                at += word.length();
                return new Json.Word(word);
            }
        }
        throw refused("a value");
    }

    private String quoted() {
        if (peek() != '"') {
            throw refused("'\"'");
        }
        at++;
        var out = new StringBuilder();
        while (peek() != '"') {
            if (peek() < ' ') {
                throw refused("a printable character or '\"'");
            }
            out.append(peek() == '\\' ? escape() : text.charAt(at++));
        }
        at++;
        return out.toString();
    }

    private char escape() {
        at++;
        var escaped = peek();
        at++;
        return switch (escaped) {
            case '"', '\\', '/' -> escaped;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> {
                at--;
                throw refused("an escape of JSON");
            }
        };
    }

    private char unicode() {
        var code = 0;
        for (var i = 0; i < 4; i++) {
            var digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw refused("a hexadecimal digit");
            }
            code = code * 16 + digit;
            at++;
        }
        return (char) code;
    }

    private void expect(char expected) {
        if (!accept(expected)) {
            throw refused("'" + expected + "'");
        }
    }

    private boolean accept(char expected) {
        skipSpace();
        if (peek() != expected) {
            return false;
        }
        at++;
        return true;
    }

    private void skipSpace() {
        while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
            at++;
        }
    }

    /** Returns the character at the cursor; NUL, which JSON never allows, at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private FormatException refused(String expected) {
        var found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
        return new FormatException(
                "character %d of the JSON text: found %s, expected %s"
                        .formatted(at + 1, found, expected));
    }
}
