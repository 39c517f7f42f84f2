package dev.tutti.deploy.local;

import dev.tutti.common.chaos.StruckFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * The faults that have struck a run, a line each, in its folder. Every process of the run adds its
 * own; a line is one write, so lines never mix.
 */
record FaultLog(Path file) {
    private static final String NAME = "faults.log";

    /** Returns the log of a run. */
    static FaultLog in(Path directory) {
        return new FaultLog(directory.resolve(NAME));
    }

    /** Forgets what another run has left. */
    void clear() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + file, e);
        }
    }

    void add(StruckFault struck) {
        try {
            Files.writeString(
                    file, struck + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot note a fault", e);
        }
    }

    List<StruckFault> read() {
        try {
            return Files.exists(file)
                    ? Files.readAllLines(file).stream()
                            .map(StruckFault::parse)
                            .flatMap(Optional::stream)
                            .toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the faults", e);
        }
    }

    long bytes() {
        return file.toFile().length();
    }
}
