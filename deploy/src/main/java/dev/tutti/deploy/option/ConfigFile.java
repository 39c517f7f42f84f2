package dev.tutti.deploy.option;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import dev.tutti.deploy.cli.ColumnNames;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options from a HOCON file: the key {@code batch} stands for {@code --batch}. What the command
 * line says goes first. The same form is what a run leaves behind, so that it can be run again.
 */
public final class ConfigFile {
    /** The key of {@code --data}. */
    public static final String DATA = "data";

    private static final String OPTION = "--config";
    private static final Set<String> NOT_KEPT =
            Set.of("check", "config", "help", "version", "json", "out");

    /** Options whose values are names of columns. */
    private static final Set<String> NAMES = Set.of("targets", "features", "ignore", "keep");

    private ConfigFile() {}

    /**
     * Returns the options of the file that the arguments name; none if they name none.
     *
     * @param program all commands, whose options the file may have
     */
    public static Map<String, String> of(List<String> arguments, Supplier<CommandLine> program) {
        for (var i = 0; i < arguments.size(); i++) {
            var argument = arguments.get(i);
            if (argument.startsWith(OPTION + "=")) {
                return read(Path.of(argument.substring(OPTION.length() + 1)), arguments, program);
            }
            if (argument.equals(OPTION) && i + 1 < arguments.size()) {
                return read(Path.of(arguments.get(i + 1)), arguments, program);
            }
        }
        return Map.of();
    }

    /** Returns the key of an option: its long name without the dashes. */
    public static String key(OptionSpec option) {
        return option.longestName().replaceFirst("^-+", "");
    }

    /**
     * Returns the values of a command's options as a file that gives them again, in any folder:
     * paths are absolute.
     */
    public static String write(CommandLine.Model.CommandSpec command) {
        return ConfigValueFactory.fromMap(values(command))
                .render(ConfigRenderOptions.defaults().setOriginComments(false).setJson(false));
    }

    /** Returns the values of a command's options by their keys, as {@link #write} writes them. */
    public static SortedMap<String, String> values(CommandLine.Model.CommandSpec command) {
        var values = new TreeMap<String, String>();
        for (var option : command.options()) {
            var text = text(option.getValue());
            if (key(option).equals(DATA)) {
                text = DataName.anywhere(text);
            }
            if (!text.isEmpty() && !NOT_KEPT.contains(key(option))) {
                values.put(key(option), text);
            }
        }
        return values;
    }

    /** Returns a value as it would be written on the command line; empty if there is none. */
    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Optional<?> optional -> optional.map(ConfigFile::text).orElse("");
            case List<?> list ->
                    list.stream().map(ConfigFile::text).collect(Collectors.joining(","));
            case Path path -> path.toAbsolutePath().normalize().toString();
            default -> value.toString();
        };
    }

    private static Map<String, String> read(
            Path file, List<String> arguments, Supplier<CommandLine> program) {
        var values = read(file);
        refuseUnknown(file, values.keySet(), arguments, program.get());
        return values;
    }

    /** Returns all values of a file by their keys. */
    public static Map<String, String> read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new UserException(ExitCode.USAGE, "no configuration file " + file);
        }
        try {
            var values = new HashMap<String, String>();
            for (var entry : ConfigFactory.parseFile(file.toFile()).resolve().root().entrySet()) {
                if (entry.getValue().valueType() == ConfigValueType.NULL) {
                    throw new UserException(
                            ExitCode.USAGE,
                            "%s: %s is null: give it a value, or leave it out"
                                    .formatted(file, entry.getKey()));
                }
                values.put(entry.getKey(), text(entry.getKey(), entry.getValue().unwrapped()));
            }
            return values;
        } catch (ConfigException e) {
            throw new UserException(ExitCode.USAGE, "cannot read configuration: " + e.getMessage());
        }
    }

    /** Returns a value of a file as the command line has it: a list with commas. */
    public static String text(String key, Object value) {
        if (!(value instanceof List<?> list)) {
            return value.toString();
        }
        var items = list.stream().map(Object::toString).toList();
        return NAMES.contains(key) ? new ColumnNames(items).toString() : String.join(",", items);
    }

    private static void refuseUnknown(
            Path file, Set<String> keys, List<String> arguments, CommandLine program) {
        var command = program.getSubcommands().get(arguments.getFirst());
        if (command == null) {
            return;
        }
        var known = new TreeSet<String>();
        command.getCommandSpec().options().forEach(option -> known.add(key(option)));
        var unknown = new ArrayList<>(keys);
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new UserException(
                    ExitCode.USAGE,
                    "%s: unknown option \"%s\"; tutti %s has: %s"
                            .formatted(
                                    file,
                                    unknown.getFirst(),
                                    arguments.getFirst(),
                                    String.join(", ", known)));
        }
    }
}
