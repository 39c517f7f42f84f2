package dev.tutti.deploy;

import dev.tutti.deploy.bench.BenchCommand;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.StandardOutput;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.cli.Versions;
import dev.tutti.deploy.command.CertsCommand;
import dev.tutti.deploy.command.CheckGradientsCommand;
import dev.tutti.deploy.command.CoordinatorCommand;
import dev.tutti.deploy.command.DataCommand;
import dev.tutti.deploy.command.DiffCommand;
import dev.tutti.deploy.command.EvaluateCommand;
import dev.tutti.deploy.command.InfoCommand;
import dev.tutti.deploy.command.PredictCommand;
import dev.tutti.deploy.command.RelayCommand;
import dev.tutti.deploy.command.ReplayCommand;
import dev.tutti.deploy.command.ReportCommand;
import dev.tutti.deploy.command.ResumeCommand;
import dev.tutti.deploy.command.SimulateCommand;
import dev.tutti.deploy.command.StudyCommand;
import dev.tutti.deploy.command.TraceCommand;
import dev.tutti.deploy.command.TrainCommand;
import dev.tutti.deploy.command.WorkerCommand;
import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.process.ProcessEnd;
import dev.tutti.deploy.process.Verdict;
import dev.tutti.deploy.run.Failures;
import java.util.List;
import java.util.Locale;
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
                    ReplayCommand.class,
                    WorkerCommand.class,
                    RelayCommand.class,
                    CertsCommand.class,
                    DataCommand.class,
                    EvaluateCommand.class,
                    PredictCommand.class,
                    CheckGradientsCommand.class,
                    ReportCommand.class,
                    DiffCommand.class,
                    StudyCommand.class,
                    SimulateCommand.class,
                    TraceCommand.class,
                    BenchCommand.class,
                    InfoCommand.class);

    Main() {}

    /** Runs the command and exits with its code. */
    public static void main(String[] args) {
        begin().exit(run(args));
    }

    /** Prepares this process for a command: what it prints, and how it ends. */
    static ProcessEnd begin() {
        // What a machine reads, or a person copies, looks the same everywhere.
        Locale.setDefault(Locale.ROOT);
        StandardOutput.install();
        return ProcessEnd.arm(Failures::verdict, System::exit);
    }

    /** Runs the command and returns the exit code. */
    public static int run(String... args) {
        Locale.setDefault(Locale.ROOT);
        try {
            return execute(args);
        } catch (RuntimeException | Error e) {
            return explain(e);
        }
    }

    private static int execute(String... args) {
        Map<String, String> config;
        try {
            config = ConfigFile.of(List.of(args), Main::commandLine);
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
    public static CommandLine commandLine() {
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
        return (exception, _, _) -> explain(exception);
    }

    /** Says why the command failed; the first failure of the process goes before what followed. */
    private static int explain(Throwable failure) {
        var first = ProcessEnd.first().orElse(failure);
        return first instanceof StandardOutput.Failure lost
                ? lost(lost)
                : ProcessEnd.tell(Failures.verdict(first));
    }

    /** Ends a command whose output is lost; without a word if nobody reads it any more. */
    private static int lost(StandardOutput.Failure failure) {
        return failure.readerHasGone()
                ? ExitCode.PIPE_CLOSED.number()
                : fail(ExitCode.OUTPUT, failure.getMessage());
    }

    private static int fail(ExitCode code, @Nullable String message) {
        return ProcessEnd.tell(new Verdict(code.number(), String.valueOf(message)));
    }
}
