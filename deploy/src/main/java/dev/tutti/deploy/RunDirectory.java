package dev.tutti.deploy;

import dev.tutti.proto.Reason;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/** The folder that a run leaves its files in. */
final class RunDirectory {
    /** The file with the run's options. */
    static final String CONFIGURATION = "run.conf";

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    /** What is there before the first step, files before their folders. */
    private static final List<String> MADE =
            List.of(
                    CONFIGURATION,
                    "run.lock",
                    "steps.jsonl",
                    "epochs.jsonl",
                    "checkpoints/step-0.safetensors",
                    "checkpoints",
                    "logs/coordinator.log",
                    "logs");

    private RunDirectory() {}

    /**
     * Returns where a run goes; nothing is made yet.
     *
     * @throws UserException if a run is there already
     */
    static Path choose(Optional<Path> wanted, String data) {
        if (wanted.isPresent()) {
            if (Files.exists(wanted.get().resolve("steps.jsonl"))) {
                throw new UserException(
                        ExitCode.OUTPUT,
                        "%s holds a run already: give another --out, remove it, or go on with it: tutti resume %s"
                                .formatted(wanted.get(), wanted.get()));
            }
            return wanted.get();
        }
        var name = Path.of(data).getFileName().toString().replaceFirst("\\..*$", "");
        var stamped = name + "-" + TIME.format(LocalDateTime.now(ZoneId.systemDefault()));
        var directory = Path.of("runs", stamped);
        for (var count = 2; Files.exists(directory); count++) {
            directory = Path.of("runs", stamped + "-" + count);
        }
        return directory;
    }

    /** Takes back what a run that could not start has made; what else is in the folder stays. */
    static void discard(Path directory) {
        try {
            for (var file : MADE) {
                Files.deleteIfExists(directory.resolve(file));
            }
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException _) {
            // The folder was there before, with files of the user.
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "cannot remove the unused %s: %s"
                            .formatted(directory, Reason.of(e, directory)));
        }
    }

    /** Makes the folder and its folder for logs. */
    static void create(Path directory) {
        try {
            Files.createDirectories(directory.resolve("logs"));
        } catch (IOException e) {
            throw unwritable(directory, e);
        }
    }

    /** Writes the resolved configuration; the caller has the run's lock. */
    static void configure(Path directory, String configuration) {
        try {
            Files.writeString(directory.resolve(CONFIGURATION), configuration);
        } catch (IOException e) {
            throw unwritable(directory, e);
        }
    }

    private static UserException unwritable(Path directory, IOException failure) {
        return new UserException(
                ExitCode.OUTPUT,
                "cannot write to %s: %s".formatted(directory, Reason.of(failure, directory)));
    }
}
