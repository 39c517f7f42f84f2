package dev.tutti.deploy.run;

import dev.tutti.coordinator.checkpoint.Safekeeping;
import dev.tutti.coordinator.file.NewFolder;
import dev.tutti.coordinator.file.RunFiles;
import dev.tutti.coordinator.file.RunLock;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.option.DataName;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The folder of a run that begins, with the run's lock. */
public final class RunDirectory implements AutoCloseable {
    /** The file with the run's options. */
    public static final String CONFIGURATION = Safekeeping.CONFIGURATION;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    /** What is there before the first step, files before their folders. */
    private static final List<String> MADE =
            List.of(
                    CONFIGURATION,
                    "run.lock",
                    "steps.jsonl",
                    "epochs.jsonl",
                    RunFiles.METRICS,
                    RunFiles.OBSERVATIONS,
                    RunFiles.DIGESTS,
                    "checkpoints/step-0.safetensors",
                    "checkpoints",
                    "logs/coordinator.log",
                    "logs");

    private final Path path;
    private final RunLock lock;

    private RunDirectory(Path path, RunLock lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Returns where a run is to go; nothing is made yet.
     *
     * @throws UserException if a run is there already
     */
    public static Path choose(Optional<Path> wanted, String data) {
        if (wanted.isPresent() && Files.exists(wanted.get().resolve("steps.jsonl"))) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "%s holds a run already: give another --out, remove it, or go on with it: tutti resume %s"
                            .formatted(wanted.get(), wanted.get()));
        }
        return wanted.orElseGet(() -> {
            var time = TIME.format(LocalDateTime.now(ZoneId.systemDefault()));
            return Path.of("runs", DataName.forFolder(data) + "-" + time);
        });
    }

    /**
     * Makes the folder that {@link #choose} named, takes its lock and writes the configuration into
     * it. A folder that the user did not name gets a name that no other run has. A folder that
     * cannot be written is replaced by one among those rescued, if the user named such a place.
     *
     * @throws UserException if it cannot be written
     */
    public static RunDirectory claim(Path chosen, boolean wanted, Safekeeping keeping) {
        try {
            return open(wanted ? wanted(chosen) : NewFolder.make(chosen), keeping);
        } catch (IOException e) {
            return elsewhere(chosen, keeping, e);
        }
    }

    private static Path wanted(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
        }
        return directory;
    }

    private static RunDirectory elsewhere(Path chosen, Safekeeping keeping, IOException failure) {
        if (keeping.rescue().isEmpty()) {
            throw unwritable(
                    chosen,
                    failure,
                    "make room, give another --out, or name another disk with --rescue");
        }
        try {
            var opened = open(keeping.makePlace(chosen), keeping);
            System.err.printf(
                    "warning: cannot write to %s: %s; the run goes to %s instead%n",
                    chosen, Reason.of(failure, chosen), opened.path());
            return opened;
        } catch (IOException e) {
            throw unwritable(
                    keeping.rescue().orElseThrow(),
                    e,
                    "nor to %s: make room, or give another --out".formatted(chosen));
        }
    }

    private static RunDirectory open(Path directory, Safekeeping keeping) throws IOException {
        RunLock lock = null;
        try {
            Files.createDirectories(directory.resolve("logs"));
            lock = RunLock.take(directory);
            Files.writeString(directory.resolve(CONFIGURATION), keeping.configuration());
            return new RunDirectory(directory, lock);
        } catch (IOException e) {
            if (lock != null) {
                lock.close();
            }
            discardQuietly(directory, e);
            throw e;
        }
    }

    private static void discardQuietly(Path directory, IOException failure) {
        try {
            remove(directory);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException _) {
            // The process that ends gives it back.
        }
    }

    /** Takes back what a run that could not start has made; what else is in the folder stays. */
    static void discard(Path directory) {
        try {
            remove(directory);
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "cannot remove the unused %s: %s"
                            .formatted(directory, Reason.of(e, directory)));
        }
    }

    private static void remove(Path directory) throws IOException {
        try {
            for (var file : MADE) {
                Files.deleteIfExists(directory.resolve(file));
            }
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException _) {
            // The folder was there before, with files of the user.
        }
    }

    private static UserException unwritable(Path directory, IOException failure, String advice) {
        return new UserException(
                ExitCode.OUTPUT,
                "cannot write to %s: %s; %s"
                        .formatted(directory, Reason.of(failure, directory), advice));
    }
}
