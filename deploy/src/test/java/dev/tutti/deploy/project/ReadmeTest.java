package dev.tutti.deploy.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.attack.Attacks;
import dev.tutti.common.average.mixing.Mixings;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.compress.Compressors;
import dev.tutti.common.nn.Zoo;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.Regularizers;
import dev.tutti.common.optim.Schedules;
import dev.tutti.common.partition.Partitions;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.sync.SyncModes;
import dev.tutti.common.sync.order.Clocks;
import dev.tutti.deploy.Main;
import dev.tutti.deploy.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The README is short, and the tables of docs/REFERENCE.md are those of the program. {@code mvn -pl
 * deploy -am test -Dtest=ReadmeTest -Dsurefire.failIfNoSpecifiedTests=false -Dreadme.write=true}
 * writes the tables again.
 */
class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Path REFERENCE = Path.of("..", "docs", "REFERENCE.md");
    private static final int README_LINES_MAX = 250;
    private static final Path EXIT_CODES =
            Path.of("src/main/java/dev/tutti/deploy/cli/ExitCode.java");

    private static final Pattern TABLE =
            Pattern.compile("<!-- table: ([^>]+) -->\n(.*?)<!-- end -->", Pattern.DOTALL);

    private static final Pattern CODE =
            Pattern.compile("/\\*\\* ([^*]+) \\*/\\s+([A-Z_]+)\\((\\d+)\\)");

    @Test
    void aReaderIsThroughInTenMinutes() throws IOException {
        assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(README_LINES_MAX);
    }

    @Test
    void tablesStandInTheReferenceAlone() throws IOException {
        for (var document : DocsTest.documents().toList()) {
            if (!Files.isSameFile(document, REFERENCE)) {
                assertThat(TABLE.matcher(Files.readString(document)).find())
                        .as("%s has a table that nothing checks", document)
                        .isFalse();
            }
        }
    }

    @Test
    void everyTableIsWhatTheProgramSays() throws IOException {
        var reference = Files.readString(REFERENCE);
        var expected =
                TABLE.matcher(reference)
                        .replaceAll(match ->
                                "<!-- table: %s -->\n%s<!-- end -->"
                                        .formatted(
                                                match.group(1),
                                                table(match.group(1))
                                                        .replace("\\", "\\\\")
                                                        .replace("$", "\\$")));
        if (Boolean.getBoolean("readme.write")) {
            Files.writeString(REFERENCE, expected);
            return;
        }
        assertThat(reference)
                .as("docs/REFERENCE.md; ReadmeTest itself says how to write its tables again")
                .isEqualTo(expected);
    }

    @Test
    void everyOptionStandsInATable() throws IOException {
        var shown =
                TABLE.matcher(Files.readString(REFERENCE))
                        .results()
                        .map(match -> match.group(1))
                        .filter(name -> name.startsWith("options of "))
                        .flatMap(name -> options(name).entrySet().stream())
                        .map(entry -> entry.getKey() + " " + meaning(entry.getValue()))
                        .collect(Collectors.toSet());
        var missing = new TreeSet<String>();
        for (var command : commands().entrySet()) {
            for (var option : optionsOf(command.getValue()).values()) {
                if (!shown.contains(option.longestName() + " " + meaning(option))) {
                    missing.add(command.getKey() + " " + option.longestName());
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    private static String table(String name) {
        if (name.equals("exit codes")) {
            return exitCodes();
        }
        if (name.equals("plug-ins")) {
            return plugIns();
        }
        return rows(
                "Option | Meaning",
                options(name).values().stream()
                        .map(option ->
                                code((option.longestName() + " " + label(option)).strip())
                                        + " | "
                                        + meaning(option))
                        .toList());
    }

    /**
     * Returns the options that a table is about: {@code options of train and coordinator} are those
     * that both have, {@code options of train but not coordinator} are the others of the first.
     */
    private static Map<String, OptionSpec> options(String table) {
        var words = table.replaceFirst("^options of ", "");
        var names = List.of(words.split(" (and|but not) "));
        assertThat(commands().keySet()).as(table).containsAll(names);
        var options = optionsOf(command(names.getFirst()));
        for (var name : names.subList(1, names.size())) {
            var others = optionsOf(command(name)).keySet();
            if (words.contains(" but not ")) {
                options.keySet().removeAll(others);
            } else {
                options.keySet().retainAll(others);
            }
        }
        return options;
    }

    static CommandLine command(String name) {
        return commands().getOrDefault(name, Main.commandLine());
    }

    /** Returns all commands by their words, such as {@code bench backprop}. */
    static Map<String, CommandLine> commands() {
        var commands = new LinkedHashMap<String, CommandLine>();
        addCommands("", Main.commandLine(), commands);
        return commands;
    }

    private static void addCommands(
            String words, CommandLine command, Map<String, CommandLine> out) {
        command.getSubcommands()
                .forEach((name, sub) -> {
                    out.put(words + name, sub);
                    addCommands(words + name + " ", sub, out);
                });
    }

    private static Map<String, OptionSpec> optionsOf(CommandLine command) {
        var options = new LinkedHashMap<String, OptionSpec>();
        for (var option : command.getCommandSpec().options()) {
            if (!option.usageHelp() && !option.versionHelp()) {
                options.put(option.longestName(), option);
            }
        }
        return options;
    }

    private static String label(OptionSpec option) {
        return option.arity().max() == 0 ? "" : option.paramLabel();
    }

    private static String meaning(OptionSpec option) {
        return String.join(" ", option.description()).replace("|", "\\|");
    }

    private static String exitCodes() {
        List<MatchResult> found;
        try {
            found = CODE.matcher(Files.readString(EXIT_CODES)).results().toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        assertThat(found.stream().map(match -> match.group(2) + match.group(3)))
                .isEqualTo(
                        Arrays.stream(ExitCode.values())
                                .map(code -> code.name() + code.number())
                                .toList());
        return rows(
                "Code | Name | Meaning",
                found.stream()
                        .map(match ->
                                "%s | %s | %s"
                                        .formatted(
                                                match.group(3),
                                                code(match.group(2)),
                                                match.group(1).replaceAll("\\s+", " ")))
                        .toList());
    }

    private static String plugIns() {
        var rows = new ArrayList<String>();
        rows.add("layers, `--model` | " + code(Layers.CATALOGUE.signatures()));
        rows.add("whole models, `--model` | " + code(Zoo.names()));
        rows.add("losses, `--loss` | " + code(Losses.CATALOGUE.signatures()));
        rows.add("optimizers, `--optimizer` | " + code(Optimizers.CATALOGUE.signatures()));
        rows.add("schedules, `--schedule` | " + code(Schedules.CATALOGUE.signatures()));
        rows.add("regularizers, `--regularizer` | " + code(Regularizers.CATALOGUE.signatures()));
        rows.add("modes, `--sync` | " + code(SyncModes.CATALOGUE.signatures()));
        rows.add("clocks, `--clock` | " + code(Clocks.CATALOGUE.signatures()));
        rows.add("averages, `--average` | " + code(AveragingRules.CATALOGUE.signatures()));
        rows.add("mixings, `--mixing` | " + code(Mixings.CATALOGUE.signatures()));
        rows.add("attacks, `--attack` | " + code(Attacks.CATALOGUE.signatures()));
        rows.add(
                "compressors, `--compress`, `--compress-down` | "
                        + code(Compressors.CATALOGUE.signatures()));
        rows.add("partitions, `--partition` | " + code(Partitions.CATALOGUE.signatures()));
        rows.add("roundings, `--wire` | " + code(Roundings.CATALOGUE.signatures()));
        rows.add("initializers, `--initializer` | " + code(Initializers.CATALOGUE.signatures()));
        return rows("Kind | What there is", rows);
    }

    private static String code(List<String> texts) {
        return texts.stream().map(ReadmeTest::code).collect(Collectors.joining(", "));
    }

    private static String code(String text) {
        return "`" + text.replace("|", "\\|") + "`";
    }

    private static String rows(String heading, List<String> rows) {
        var rule = "---|".repeat((int) heading.chars().filter(c -> c == '|').count() + 1);
        return "\n| %s |\n|%s\n%s\n\n"
                .formatted(
                        heading,
                        rule,
                        rows.stream().map("| %s |"::formatted).collect(Collectors.joining("\n")));
    }
}
