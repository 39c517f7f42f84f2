package dev.tutti.deploy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.format.FormatException;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.coordinator.ResumeException;
import dev.tutti.deploy.bench.BenchException;
import dev.tutti.proto.access.AccessException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code tutti} command. Nothing else exits the process. */
@Command(
        name = "tutti",
        description = "Trains neural networks on many workers, with the weights of one.",
        mixinStandardHelpOptions = true,
        versionProvider = Versions.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  tutti train                                  digits, a small network, a minute",
            "  tutti train --data fashion-mnist --workers 4 --processes 2",
            "  tutti certs --dir certs host1 host2          then, with certs/host1 on host1:",
            "  tutti coordinator --listen 0.0.0.0:4700 --certs host1 --start-workers 2",
            "  tutti worker --coordinator host1:4700 --certs host2 --workers 2",
            "  tutti COMMAND --help                         all options of a command"
        })
public final class Main {
    private static final List<Class<?>> COMMANDS =
            List.of(
                    TrainCommand.class,
                    CoordinatorCommand.class,
                    ResumeCommand.class,
                    WorkerCommand.class,
                    RelayCommand.class,
                    CertsCommand.class,
                    EvaluateCommand.class,
                    PredictCommand.class,
                    CheckGradientsCommand.class,
                    TraceCommand.class,
                    BenchCommand.class,
                    InfoCommand.class);

    Main() {}

    /** Runs the command and exits with its code. */
    public static void main(String[] args) {
        StandardOutput.install();
        System.exit(run(args));
    }

    /** Runs the command and returns the exit code. */
    static int run(String... args) {
        Map<String, String> config;
        try {
            config = ConfigFile.of(List.of(args));
        } catch (UserException e) {
            return fail(e.exitCode(), e.getMessage());
        }
        return withCommands(meant(args))
                .setDefaultValueProvider(argument ->
                        argument instanceof OptionSpec option
                                ? config.get(ConfigFile.key(option))
                                : null)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(Main::execute)
                .setParameterExceptionHandler(refuseParameters())
                .setExecutionExceptionHandler(explainFailures())
                .execute(args);
    }

    /** Runs the command, or prints help, which no handler of exceptions would see fail. */
    private static int execute(ParseResult command) {
        try {
            return new CommandLine.RunLast().execute(command);
        } catch (StandardOutput.Failure e) {
            return lost(e);
        }
    }

    /** Returns all commands, with their options. */
    static CommandLine commandLine() {
        return withCommands(COMMANDS);
    }

    private static CommandLine withCommands(List<Class<?>> commands) {
        var line = new CommandLine(new Main());
        commands.forEach(line::addSubcommand);
        return line;
    }

    /**
     * Returns the command that the arguments name, or all: to look at the options of each, by
     * reflection, takes a tenth of a start.
     */
    private static List<Class<?>> meant(String... args) {
        for (var command : COMMANDS) {
            if (args.length > 0 && command.getAnnotation(Command.class).name().equals(args[0])) {
                return List.of(command);
            }
        }
        return COMMANDS;
    }

    private static IParameterExceptionHandler refuseParameters() {
        return (exception, _) -> {
            var command = exception.getCommandLine().getCommandSpec().qualifiedName();
            return fail(
                    ExitCode.USAGE,
                    "%s%s; see %s --help"
                            .formatted(exception.getMessage(), suggestions(exception), command));
        };
    }

    private static String suggestions(ParameterException exception) {
        return exception instanceof UnmatchedArgumentException unmatched
                        && !unmatched.getSuggestions().isEmpty()
                ? "; did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?"
                : "";
    }

    private static IExecutionExceptionHandler explainFailures() {
        return (exception, _, _) ->
                switch (exception) {
                    case UserException e -> fail(e.exitCode(), e.getMessage());
                    case ResumeException e -> fail(ExitCode.NOT_RESUMABLE, e.getMessage());
                    case DataException e -> fail(ExitCode.DATA, e.getMessage());
                    case FormatException e -> fail(ExitCode.DATA, e.getMessage());
                    case BenchException e -> fail(ExitCode.CHECK_FAILED, e.getMessage());
                    case AccessException e -> fail(ExitCode.USAGE, e.getMessage());
                    case PlugInException e -> fail(ExitCode.USAGE, e.getMessage());
                    case StandardOutput.Failure e -> lost(e);
                    default -> {
                        exception.printStackTrace();
                        yield fail(
                                ExitCode.INTERNAL,
                                "a defect of tutti: please report the lines above");
                    }
                };
    }

    /** Ends a command whose output is lost; without a word if nobody reads it any more. */
    private static int lost(StandardOutput.Failure failure) {
        return failure.readerHasGone()
                ? ExitCode.PIPE_CLOSED.number()
                : fail(ExitCode.OUTPUT, failure.getMessage());
    }

    private static int fail(ExitCode code, @Nullable String message) {
        System.err.println("tutti: " + message);
        return code.number();
    }
}
