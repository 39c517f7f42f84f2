package dev.tutti.deploy.run;

import dev.tutti.common.data.DataException;
import dev.tutti.common.format.FormatException;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.coordinator.file.ResumeException;
import dev.tutti.deploy.bench.peer.BenchException;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.process.Shortage;
import dev.tutti.deploy.process.Verdict;
import dev.tutti.proto.access.AccessException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** What a failure means: an exit code, and one line with what to do. */
public final class Failures {
    private Failures() {}

    public static Verdict verdict(Throwable failure) {
        var cause = unwrapped(failure);
        var known = known(cause);
        if (known != null) {
            return known;
        }
        return Shortage.behind(cause)
                .map(lack -> verdict(ExitCode.RESOURCES, lack))
                .orElseGet(() -> unknown(cause));
    }

    private static Throwable unwrapped(Throwable failure) {
        var cause = failure;
        while (isWrapping(cause)) {
            var inner = cause.getCause();
            if (inner == null) {
                return cause;
            }
            cause = inner;
        }
        return cause;
    }

    private static boolean isWrapping(Throwable failure) {
        return failure instanceof CompletionException
                || failure instanceof ExecutionException
                || failure instanceof ExceptionInInitializerError;
    }

    private static @Nullable Verdict known(Throwable cause) {
        var message = cause.getMessage();
        return switch (cause) {
            case UserException e -> verdict(e.exitCode(), message);
            case ResumeException _ -> verdict(ExitCode.NOT_RESUMABLE, message);
            case DataException _ -> verdict(ExitCode.DATA, message);
            case FormatException _ -> verdict(ExitCode.DATA, message);
            case BenchException _ -> verdict(ExitCode.CHECK_FAILED, message);
            case AccessException _ -> verdict(ExitCode.USAGE, message);
            case PlugInException _ -> verdict(ExitCode.USAGE, message);
            default -> null;
        };
    }

    private static Verdict unknown(Throwable cause) {
        return verdict(
                ExitCode.INTERNAL,
                isOfChangedFiles(cause)
                        ? "the program's files have changed or vanished while it ran (%s): install it again, and start again"
                                .formatted(cause)
                        : "a defect of tutti: %s; please report %s"
                                .formatted(cause, written(cause)));
    }

    /** A class that was compiled with the others is missing, or is another one. */
    private static boolean isOfChangedFiles(Throwable cause) {
        return cause instanceof LinkageError
                && (cause.getCause() == null
                        || cause.getCause() instanceof ReflectiveOperationException);
    }

    /** Returns where the trace is. */
    private static String written(Throwable cause) {
        try {
            var file = Files.createTempFile("tutti-defect-", ".txt");
            try (var out = new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8))) {
                cause.printStackTrace(out);
            }
            return file.toString();
        } catch (IOException | RuntimeException e) {
            return "it; its trace could not be written: " + e;
        }
    }

    private static Verdict verdict(ExitCode code, @Nullable String message) {
        return new Verdict(code.number(), String.valueOf(message).replace('\n', ' '));
    }
}
