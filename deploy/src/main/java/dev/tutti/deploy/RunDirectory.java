package dev.tutti.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** The folder that a run leaves its files in. */
final class RunDirectory {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

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
                        "%s holds a run already: give another --out, or remove it"
                                .formatted(wanted.get()));
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

    /** Makes the folder and its folder for logs, and writes the resolved configuration. */
    static void create(Path directory, String configuration) {
        try {
            Files.createDirectories(directory.resolve("logs"));
            Files.writeString(directory.resolve("run.conf"), configuration);
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT, "cannot write to %s: %s".formatted(directory, e.getMessage()));
        }
    }
}
