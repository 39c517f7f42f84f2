package dev.tutti.deploy.report.html;

import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.option.TrainOptions;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The command that repeats a run, with those of its settings that are not the usual ones. */
final class RepeatCommand {
    private static final Pattern PLAIN = Pattern.compile("[\\w./:=,+@%-]+");

    /** The option of a run that was trained with workers from elsewhere. */
    private static final String LISTEN = "listen";

    private static final Map<String, OptionSpec> OPTIONS = options();

    private RepeatCommand() {}

    private static Map<String, OptionSpec> options() {
        var options = new TreeMap<String, OptionSpec>();
        for (var option : new CommandLine(new TrainOptions()).getCommandSpec().options()) {
            options.put(ConfigFile.key(option), option);
        }
        return options;
    }

    static String of(Map<String, String> settings) {
        var command =
                new StringBuilder("tutti ")
                        .append(settings.containsKey(LISTEN) ? "coordinator" : "train");
        new TreeMap<>(settings).forEach((key, value) -> append(key, value, command));
        return command.toString();
    }

    private static void append(String key, String value, StringBuilder out) {
        var option = OPTIONS.get(key);
        if (option != null && value.toLowerCase(Locale.ROOT).equals(usual(option))) {
            return;
        }
        out.append(" --").append(key);
        if (option == null || option.arity().max() > 0) {
            out.append(' ').append(quoted(value));
        }
    }

    private static String usual(OptionSpec option) {
        var value = option.defaultValue();
        return value == null ? "false" : value.toLowerCase(Locale.ROOT);
    }

    /** Returns a word of a shell. */
    private static String quoted(String value) {
        return PLAIN.matcher(value).matches() ? value : "'" + value.replace("'", "'\\''") + "'";
    }
}
