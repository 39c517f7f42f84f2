package dev.tutti.deploy.study;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.option.ConfigFile;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The values of a study's file; every refusal names the file and the line.
 *
 * @param file that they come from
 * @param options names of the options that a run may have
 */
record StudyValues(Path file, SortedSet<String> options) {
    /** Options that a study sets for each run by itself. */
    private static final Set<String> NOT_OF_A_STUDY = Set.of("config", "out", "json");

    /** Leaves out what a study sets by itself. */
    StudyValues {
        options = new TreeSet<>(options);
        options.removeAll(NOT_OF_A_STUDY);
    }

    Optional<ConfigObject> object(ConfigObject root, String key) {
        var value = root.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof ConfigObject object) {
            return Optional.of(object);
        }
        throw refused(
                value,
                "%s is %s: expected an object such as %s { … }"
                        .formatted(key, value.unwrapped(), key));
    }

    /** Returns the keys as the file has them, which a HOCON object does not keep. */
    static List<String> inOrder(ConfigObject object) {
        return object.keySet().stream()
                .sorted(
                        Comparator.<String>comparingInt(
                                        key -> value(object, key).origin().lineNumber())
                                .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    static ConfigValue value(ConfigObject object, String key) {
        var value = object.get(key);
        if (value == null) {
            throw new IllegalStateException("no key " + key);
        }
        return value;
    }

    /** Returns a value as the command line has it. */
    String text(String key, ConfigValue value) {
        if (value.valueType() == ConfigValueType.NULL
                || value.valueType() == ConfigValueType.OBJECT) {
            throw refused(
                    value,
                    "%s is %s: expected text, a number or a list"
                            .formatted(
                                    key,
                                    value.valueType() == ConfigValueType.NULL
                                            ? "null"
                                            : "an object"));
        }
        return ConfigFile.text(key, value.unwrapped());
    }

    void refuseUnknown(String prefix, ConfigObject object, SortedSet<String> known) {
        for (var key : inOrder(object)) {
            if (!known.contains(key)) {
                throw refused(
                        object.get(key),
                        NOT_OF_A_STUDY.contains(key)
                                ? "%s%s is set by the study itself: leave it out"
                                        .formatted(prefix, key)
                                : "unknown key \"%s%s\"; there are: %s"
                                        .formatted(prefix, key, String.join(", ", known)));
            }
        }
    }

    UserException refused(@Nullable ConfigValue where, String message) {
        var line = where == null ? -1 : where.origin().lineNumber();
        return new UserException(
                ExitCode.USAGE,
                line > 0
                        ? "%s:%d: %s".formatted(file, line, message)
                        : "%s: %s".formatted(file, message));
    }
}
