package dev.tutti.deploy;

import dev.tutti.proto.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A table that comes from standard input, which {@code --data -} names. */
final class StandardInput {
    private static final String NAME = "-";
    private static final String FILE = "stdin";

    private StandardInput() {}

    /** Tells whether data is what standard input gives. */
    static boolean is(String data) {
        return data.equals(NAME);
    }

    /** Returns what a run calls the file of data that has moved. */
    static Path nameOf(String data) {
        return Path.of(is(data) ? FILE : data);
    }

    /**
     * Returns the place of data: a table from standard input goes to a temporary file, because it
     * is read more than once. The file is removed when this process exits.
     */
    static String place(String data) {
        return is(data) ? kept().toString() : data;
    }

    private static Path kept() {
        try {
            var folder = Files.createTempDirectory("tutti-");
            folder.toFile().deleteOnExit();
            var file = folder.resolve(FILE);
            file.toFile().deleteOnExit();
            Files.copy(System.in, file);
            return file;
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.DATA, "standard input cannot be kept in a file: " + Reason.of(e));
        }
    }

    /** Refuses to read again what a run read from standard input. */
    static void requireAgain(String data) {
        if (is(data)) {
            throw new UserException(
                    ExitCode.DATA,
                    "the run's data came from standard input: say where it is with --data PATH");
        }
    }
}
