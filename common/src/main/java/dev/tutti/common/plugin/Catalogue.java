package dev.tutti.common.plugin;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The plug-ins of one kind: builds one from its text, prints one as text, lists all.
 *
 * <p>A plug-in is a public record that implements the kind's interface. Its name is the record's in
 * kebab case, a trailing kind word dropped by choosing the record's name well ({@code
 * SoftmaxCrossEntropy} is {@code softmax-cross-entropy}); its arguments are the record's
 * components, by position or by name in kebab case; one left out takes its {@link Default}. An
 * {@link OptionalInt} component may be left out, one of an enum is the constant's name in kebab
 * case. The record's compact constructor validates. A component of the kind itself, or a list of
 * it, is read as a nested plug-in, or several; a list of floats is any number of numbers.
 *
 * @param <T> the kind's interface
 */
public final class Catalogue<T> {
    /** How an argument without a bound is written. */
    private static final String INFINITE = "inf";

    private final String kind;
    private final Class<T> type;
    private final Map<String, Class<? extends T>> byName = new LinkedHashMap<>();

    private Catalogue(String kind, Class<T> type, List<Class<? extends T>> plugIns) {
        this.kind = kind;
        this.type = type;
        for (var plugIn : plugIns) {
            if (!plugIn.isRecord()) {
                throw new IllegalArgumentException(plugIn + " must be a record");
            }
            byName.put(kebab(plugIn.getSimpleName()), plugIn);
        }
    }

    /**
     * Returns the catalogue of these records.
     *
     * @param kind what a message calls one of them, such as "layer"
     */
    public static <T> Catalogue<T> of(
            String kind, Class<T> type, List<Class<? extends T>> plugIns) {
        return new Catalogue<>(kind, type, plugIns);
    }

    /** Returns the names of all plug-ins of the kind, in their catalogue's order. */
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** Returns the records of all plug-ins of the kind. */
    List<Class<? extends T>> types() {
        return List.copyOf(byName.values());
    }

    /** Returns how each plug-in is written, arguments and defaults included, one a line. */
    public List<String> signatures() {
        return byName.entrySet().stream().map(e -> signature(e.getKey(), e.getValue())).toList();
    }

    /**
     * Returns the one plug-in that {@code text} names.
     *
     * @throws PlugInException if the text is malformed, names none, or has a wrong argument
     */
    public T parse(String text) {
        var items = parseList(text);
        if (items.size() != 1) {
            throw new PlugInException(
                    "expected one %s, found %d in \"%s\"".formatted(kind, items.size(), text));
        }
        return items.getFirst();
    }

    /**
     * Returns the plug-ins of a comma-separated list, in its order.
     *
     * @throws PlugInException if the text is malformed, names an unknown one, or has a wrong
     *     argument
     */
    public List<T> parseList(String text) {
        return PlugInText.list(text).stream().map(this::build).toList();
    }

    /** Returns the text that {@link #parse} turns into {@code plugIn}; defaults are left out. */
    public String format(T plugIn) {
        var name = kebab(plugIn.getClass().getSimpleName());
        var arguments = new ArrayList<String>();
        for (var component : plugIn.getClass().getRecordComponents()) {
            var value = formatValue(read(component, plugIn));
            if (!value.isEmpty() && !value.equals(defaultText(component).orElse(null))) {
                arguments.add(kebab(component.getName()) + "=" + value);
            }
        }
        return arguments.isEmpty() ? name : name + "(" + String.join(",", arguments) + ")";
    }

    /** Returns the text that {@link #parseList} turns into {@code plugIns}. */
    public String formatList(List<? extends T> plugIns) {
        return plugIns.stream().map(this::format).collect(Collectors.joining(","));
    }

    private T build(PlugInText text) {
        var plugIn = byName.get(text.name());
        if (plugIn == null) {
            throw new PlugInException(
                    "unknown %s \"%s\"; there are: %s"
                            .formatted(kind, text.name(), String.join(", ", names())));
        }
        var components = plugIn.getRecordComponents();
        var values = new Object[components.length];
        var given = assign(text, plugIn, components);
        for (var i = 0; i < components.length; i++) {
            values[i] = value(plugIn, text, components[i], given.get(i));
        }
        return construct(plugIn, text, components, values);
    }

    /** Returns the texts given for each component: none, one, or for a list any number. */
    private List<List<PlugInText>> assign(
            PlugInText text, Class<? extends T> plugIn, RecordComponent[] components) {
        var given = new ArrayList<List<PlugInText>>();
        for (var _ : components) {
            given.add(new ArrayList<>());
        }
        var position = 0;
        for (var argument : text.arguments()) {
            var index =
                    argument.key().isPresent()
                            ? indexOf(argument.key().get(), components)
                            : position;
            if (index < 0 || index >= components.length) {
                throw new PlugInException(
                        "%s \"%s\" does not take \"%s\"; it is written %s"
                                .formatted(
                                        kind,
                                        text.name(),
                                        argument.key().orElse(argument.value().toString()),
                                        signature(text.name(), plugIn)));
            }
            var list = components[index].getType() == List.class;
            if (!given.get(index).isEmpty() && !list) {
                throw new PlugInException(
                        "%s \"%s\": argument \"%s\" is given twice"
                                .formatted(kind, text.name(), kebab(components[index].getName())));
            }
            given.get(index).add(argument.value());
            if (argument.key().isEmpty() && !list) {
                position++;
            }
        }
        return given;
    }

    private Object value(
            Class<? extends T> plugIn,
            PlugInText text,
            RecordComponent component,
            List<PlugInText> given) {
        if (component.getType() == List.class && elementType(component) == type) {
            return given.stream().map(this::build).toList();
        }
        if (component.getType() == List.class) {
            return given.stream().map(one -> number(text, component, one)).toList();
        }
        if (given.isEmpty()) {
            if (component.getType() == OptionalInt.class) {
                return OptionalInt.empty();
            }
            var fallback = defaultText(component);
            if (fallback.isEmpty()) {
                throw new PlugInException(
                        "%s \"%s\" needs \"%s\"; it is written %s"
                                .formatted(
                                        kind,
                                        text.name(),
                                        kebab(component.getName()),
                                        signature(text.name(), plugIn)));
            }
            return convert(text, component, PlugInText.list(fallback.get()).getFirst());
        }
        return convert(text, component, given.getFirst());
    }

    private Float number(PlugInText owner, RecordComponent component, PlugInText value) {
        try {
            return Float.parseFloat(value.toString());
        } catch (NumberFormatException _) {
            throw refused(owner, component, noun(float.class), value);
        }
    }

    private Object convert(PlugInText owner, RecordComponent component, PlugInText value) {
        var target = component.getType();
        if (target == type) {
            return build(value);
        }
        var word = value.toString();
        try {
            if (target == int.class) {
                return Integer.parseInt(word);
            } else if (target == OptionalInt.class) {
                return OptionalInt.of(Integer.parseInt(word));
            } else if (target == long.class) {
                return Long.parseLong(word);
            } else if (target == double.class) {
                return word.equals(INFINITE) ? Double.POSITIVE_INFINITY : Double.parseDouble(word);
            } else if (target == float.class) {
                return Float.parseFloat(word);
            } else if (target == boolean.class && (word.equals("true") || word.equals("false"))) {
                return word.equals("true");
            } else if (target == String.class) {
                return word;
            } else if (target.isEnum() && constant(target, word).isPresent()) {
                return constant(target, word).get();
            }
        } catch (NumberFormatException _) {
            // Falls to the refusal below, which names the argument.
        }
        throw refused(owner, component, noun(target), value);
    }

    private PlugInException refused(
            PlugInText owner, RecordComponent component, String expected, PlugInText found) {
        return new PlugInException(
                "%s \"%s\": argument \"%s\" must be %s, was \"%s\""
                        .formatted(
                                kind, owner.name(), kebab(component.getName()), expected, found));
    }

    private T construct(
            Class<? extends T> plugIn,
            PlugInText text,
            RecordComponent[] components,
            Object[] values) {
        var types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            return plugIn.getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof PlugInException refused) {
                throw refused;
            }
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw new PlugInException(
                        "%s \"%s\": %s".formatted(kind, text.name(), refused.getMessage()));
            }
            throw new IllegalStateException("constructor of " + plugIn + " failed", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(plugIn + " must be a public record", e);
        }
    }

    private String formatValue(Object value) {
        if (type.isInstance(value)) {
            return format(type.cast(value));
        }
        return switch (value) {
            case List<?> list ->
                    list.stream().map(this::formatValue).collect(Collectors.joining(","));
            case OptionalInt number ->
                    number.isPresent() ? Integer.toString(number.getAsInt()) : "";
            case Enum<?> constant -> word(constant);
            case Double number when number == Double.POSITIVE_INFINITY -> INFINITE;
            default -> value.toString();
        };
    }

    /** Returns the constant of a type that is written so. */
    static Optional<Enum<?>> constant(Class<?> type, String word) {
        return constants(type).filter(constant -> word(constant).equals(word)).findFirst();
    }

    private static Stream<Enum<?>> constants(Class<?> type) {
        return Arrays.stream(type.getEnumConstants()).map(constant -> (Enum<?>) constant);
    }

    /** Returns how a constant is written: {@code NEVER_AGAIN} is {@code never-again}. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns a component of a record. */
    static Object read(RecordComponent component, Object plugIn) {
        try {
            return component.getAccessor().invoke(plugIn);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(plugIn.getClass() + " must be a public record", e);
        }
    }

    private static String signature(String name, Class<?> plugIn) {
        var parts =
                Arrays.stream(plugIn.getRecordComponents())
                        .map(component -> {
                            var key = kebab(component.getName());
                            if (component.getType() == List.class) {
                                return key + "…";
                            }
                            if (component.getType() == OptionalInt.class) {
                                return "[" + key + "]";
                            }
                            return defaultText(component)
                                    .map(value -> key + "=" + value)
                                    .orElse(key);
                        })
                        .toList();
        return parts.isEmpty() ? name : name + "(" + String.join(",", parts) + ")";
    }

    private static int indexOf(String key, RecordComponent[] components) {
        for (var i = 0; i < components.length; i++) {
            if (kebab(components[i].getName()).equals(key)) {
                return i;
            }
        }
        return -1;
    }

    private static Optional<String> defaultText(RecordComponent component) {
        return Optional.ofNullable(component.getAnnotation(Default.class)).map(Default::value);
    }

    private static Class<?> elementType(RecordComponent component) {
        return component.getGenericType() instanceof ParameterizedType generic
                        && generic.getActualTypeArguments()[0] instanceof Class<?> element
                ? element
                : Object.class;
    }

    /** Returns what a text of a type must be. */
    static String noun(Class<?> type) {
        if (type == int.class || type == long.class || type == OptionalInt.class) {
            return "a whole number";
        }
        if (type.isEnum()) {
            return constants(type).map(Catalogue::word).collect(Collectors.joining(" or "));
        }
        return type == boolean.class ? "true or false" : "a number";
    }

    /**
     * Turns {@code LeakyRelu} and {@code weightDecay} into {@code leaky-relu}, {@code
     * weight-decay}.
     */
    static String kebab(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }
}
