package dev.tutti.common.plugin;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A record as texts by name, and back: what is declared once as a component can be sent, saved and
 * compared without another line of code.
 *
 * <p>A component is a number, a boolean, a text, a constant of an enum, or of a type whose static
 * method {@code parse} reads what its method {@code text}, or else {@code toString}, writes; {@link
 * Text} says the rest. Reading is strict, since the texts may come from a hostile peer: every name
 * once and no other, and of each value only the one way in which it is written.
 *
 * @param <R> the record
 */
public final class RecordTexts<R extends Record> {
    private static final int SHOWN_CHARACTERS_MAX = 80;

    private final Class<R> type;
    private final List<Component> components;

    /** One component and what is said of it. */
    private record Component(RecordComponent component, String name, Optional<Text> text) {
        static Component of(RecordComponent component) {
            var text = Optional.ofNullable(component.getAnnotation(Text.class));
            return new Component(
                    component,
                    text.map(Text::name)
                            .filter(name -> !name.isEmpty())
                            .orElseGet(() -> Catalogue.kebab(component.getName())),
                    text);
        }

        Class<?> type() {
            return component.getType();
        }

        boolean hasBits() {
            return text.map(Text::bits).orElse(true);
        }

        int charactersMax() {
            return text.map(Text::charactersMax).orElse(1 << 16);
        }
    }

    private RecordTexts(Class<R> type) {
        this.type = type;
        this.components = Arrays.stream(type.getRecordComponents()).map(Component::of).toList();
    }

    /** Returns the texts of a public record. */
    public static <R extends Record> RecordTexts<R> of(Class<R> type) {
        return new RecordTexts<>(type);
    }

    /** Returns all components as texts by name, in the record's order. */
    public SequencedMap<String, String> write(R record) {
        return write(record, _ -> true);
    }

    /** Returns the components that a run's bits follow from, as texts by name. */
    public SequencedMap<String, String> writeBits(R record) {
        return write(record, Component::hasBits);
    }

    private SequencedMap<String, String> write(R record, Predicate<Component> chosen) {
        var texts = new LinkedHashMap<String, String>();
        components.stream()
                .filter(chosen)
                .forEach(one ->
                        texts.put(
                                one.name, text(one.type(), Catalogue.read(one.component, record))));
        return texts;
    }

    /** Returns the texts that an older release left out, as it did not know their components. */
    public Map<String, String> implied() {
        return components.stream()
                .filter(one -> one.text.isPresent() && !one.text.get().implied().isEmpty())
                .collect(
                        Collectors.toUnmodifiableMap(
                                Component::name, one -> one.text.orElseThrow().implied()));
    }

    /**
     * Returns the record of these texts.
     *
     * @throws IllegalArgumentException with one line, if a text is missing, unknown, malformed or
     *     out of bounds, or if the record refuses its components
     */
    public R read(Map<String, String> texts) {
        refuseUnknown(texts);
        return construct(components.stream().map(one -> read(one, texts)).toArray());
    }

    private void refuseUnknown(Map<String, String> texts) {
        var names = components.stream().map(Component::name).toList();
        texts.keySet().stream()
                .filter(name -> !names.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException(
                            "unknown option \"%s\"; there are: %s"
                                    .formatted(shown(name), String.join(", ", names)));
                });
    }

    private Object read(Component one, Map<String, String> texts) {
        var text = texts.get(one.name);
        if (text == null) {
            throw new IllegalArgumentException("option %s is missing".formatted(one.name));
        }
        if (text.length() > one.charactersMax()) {
            throw new IllegalArgumentException(
                    "%s of %d characters; expected at most %d"
                            .formatted(one.name, text.length(), one.charactersMax()));
        }
        var value = parsed(one, text).filter(read -> text(one.type(), read).equals(text));
        if (value.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s must be %s, was \"%s\"".formatted(one.name, noun(one.type()), shown(text)));
        }
        requireRange(one, value.get());
        return value.get();
    }

    private static void requireRange(Component one, Object value) {
        if (one.text.isEmpty() || !(value instanceof Number number)) {
            return;
        }
        var min = one.text.get().min();
        var max = one.text.get().max();
        var holds =
                number instanceof Double real
                        ? real >= min && real <= max
                        : number.longValue() >= min && number.longValue() <= max;
        if (!holds) {
            throw new IllegalArgumentException(
                    "%s of %s; expected %s"
                            .formatted(
                                    one.name,
                                    number,
                                    max == Long.MAX_VALUE
                                            ? "at least " + min
                                            : "%d to %d".formatted(min, max)));
        }
    }

    /** Returns the value that a text stands for; empty if it stands for none. */
    private static Optional<Object> parsed(Component one, String text) {
        var target = one.type();
        try {
            if (target == int.class) {
                return Optional.of(Integer.parseInt(text));
            } else if (target == long.class) {
                return Optional.of(Long.parseLong(text));
            } else if (target == double.class) {
                return Optional.of(Double.parseDouble(text));
            } else if (target == boolean.class) {
                return Optional.of(Boolean.parseBoolean(text));
            } else if (target == String.class) {
                return Optional.of(text);
            } else if (target.isEnum()) {
                return Catalogue.constant(target, text).map(constant -> constant);
            }
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
        return parsedByType(one, text);
    }

    private static Optional<Object> parsedByType(Component one, String text) {
        try {
            var parse = one.type().getMethod("parse", String.class);
            return Optional.of(parse.invoke(null, text));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof NumberFormatException) {
                return Optional.empty();
            }
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw new IllegalArgumentException(
                        one.name + " " + shown(String.valueOf(refused.getMessage())));
            }
            throw new IllegalStateException(one.name, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(one.type() + " is not written as a text", e);
        }
    }

    private static String text(Class<?> type, Object value) {
        if (value instanceof Enum<?> constant) {
            return Catalogue.word(constant);
        }
        try {
            return String.valueOf(type.getMethod("text").invoke(value));
        } catch (NoSuchMethodException _) {
            return value.toString();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " is not written as a text", e);
        }
    }

    private static String noun(Class<?> type) {
        if (type == double.class) {
            return "a number as Java writes it";
        }
        return type.isPrimitive() || type.isEnum()
                ? Catalogue.noun(type)
                : "a " + type.getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static String shown(String text) {
        return text.length() <= SHOWN_CHARACTERS_MAX
                ? text
                : text.substring(0, SHOWN_CHARACTERS_MAX) + "…";
    }

    private R construct(Object[] values) {
        var types = components.stream().map(Component::type).toArray(Class<?>[]::new);
        try {
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new IllegalStateException("constructor of " + type + " failed", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " must be a public record", e);
        }
    }
}
