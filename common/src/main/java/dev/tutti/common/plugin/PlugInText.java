package dev.tutti.common.plugin;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A plug-in as it was written, before anyone knows what it means: {@code name} or {@code
 * name(argument, key=argument, …)}, where an argument is a word or a plug-in again.
 *
 * @param name the word in front
 * @param arguments what stands between the brackets
 */
record PlugInText(String name, List<Argument> arguments) {
    /** One argument; {@code key} is empty for one given by position. */
    record Argument(Optional<String> key, PlugInText value) {}

    /** Reads a list such as {@code dense(64),relu,dense}. */
    static List<PlugInText> list(String text) {
        var reader = new Reader(text);
        var items = new ArrayList<PlugInText>();
        do {
            items.add(reader.item());
        } while (reader.accept(','));
        reader.end();
        return List.copyOf(items);
    }

    @Override
    public String toString() {
        if (arguments.isEmpty()) {
            return name;
        }
        var parts = arguments.stream().map(a -> a.key().map(k -> k + "=").orElse("") + a.value());
        return name + "(" + String.join(",", parts.toList()) + ")";
    }

    /** A cursor over the text. */
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        PlugInText item() {
            var name = word();
            var arguments = new ArrayList<Argument>();
            if (accept('(') && !accept(')')) {
                do {
                    arguments.add(argument());
                } while (accept(','));
                if (!accept(')')) {
                    throw refused("expected ',' or ')'");
                }
            }
            return new PlugInText(name, List.copyOf(arguments));
        }

        private Argument argument() {
            var first = item();
            if (!accept('=')) {
                return new Argument(Optional.empty(), first);
            }
            if (!first.arguments().isEmpty()) {
                throw refused("expected a name before '='");
            }
            return new Argument(Optional.of(first.name()), item());
        }

        private String word() {
            skipSpace();
            var start = at;
            while (at < text.length() && isWordPart(text.charAt(at))) {
                at++;
            }
            if (at == start) {
                throw refused("expected a name or a value");
            }
            return text.substring(start, at);
        }

        private static boolean isWordPart(char c) {
            return Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.' || c == '+';
        }

        boolean accept(char expected) {
            skipSpace();
            if (at < text.length() && text.charAt(at) == expected) {
                at++;
                return true;
            }
            return false;
        }

        void end() {
            skipSpace();
            if (at < text.length()) {
                throw refused("expected ',' or the end");
            }
        }

        private void skipSpace() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private PlugInException refused(String expected) {
            var found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
            return new PlugInException(
                    "cannot read \"%s\" at character %d: found %s, %s"
                            .formatted(text, at + 1, found, expected));
        }
    }
}
