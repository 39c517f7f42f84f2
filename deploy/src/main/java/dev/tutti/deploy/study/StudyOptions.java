package dev.tutti.deploy.study;

import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.option.TrainOptions;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options of one run, read from their texts as {@code tutti train} reads them. Nothing here
 * knows an option by its name, so a study takes each that the command has.
 *
 * @param options what was read
 * @param command whose options they are
 */
public record StudyOptions(TrainOptions options, CommandSpec command) {
    /** Returns the names of all options. */
    static SortedSet<String> names() {
        var names = new TreeSet<String>();
        for (var option : new CommandLine(new TrainOptions()).getCommandSpec().options()) {
            names.add(ConfigFile.key(option));
        }
        return names;
    }

    /**
     * Reads texts.
     *
     * @throws CommandLine.ParameterException if one is not what its option takes
     */
    public static StudyOptions of(Map<String, String> texts) {
        var options = new TrainOptions();
        var line =
                new CommandLine(options)
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .setDefaultValueProvider(argument ->
                                argument instanceof OptionSpec option
                                        ? texts.get(ConfigFile.key(option))
                                        : null);
        line.parseArgs();
        return new StudyOptions(options, line.getCommandSpec());
    }
}
