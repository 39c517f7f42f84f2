package dev.tutti.deploy.cli;

import dev.tutti.common.data.DatasetFile;
import dev.tutti.proto.failure.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Data that comes from standard input, which {@code --data -} names. */
public final class StandardInput {
    /** What a dataset from standard input is called. */
    public static final String FILE = "stdin";

    private static final String NAME = "-";
    private static final int FIRST_BYTES = 16;

    /** Of text in UTF-16, which has zeros, the bytes do not tell that it is a table. */
    private static final String TABLE = ".csv";

    /** A form of data that is told by its first bytes, and the ending that files of it have. */
    private record Form(String start, String ending) {}

    /** Text needs no ending. */
    private static final List<Form> FORMS =
            List.of(
                    new Form("PK\003\004", ".npz"),
                    new Form("\u0093NUMPY", ".npy"),
                    new Form("PAR1", ".parquet"),
                    new Form("TUTTIDAT", DatasetFile.ENDING),
                    new Form("\0\0\b\003", "-images-idx3-ubyte"),
                    new Form("\u0089PNG", ".png"),
                    new Form("\u00FF\u00D8\u00FF", ".jpg"),
                    new Form("GIF8", ".gif"));

    private StandardInput() {}

    /** Tells whether data is what standard input gives. */
    public static boolean is(String data) {
        return data.equals(NAME);
    }

    /** Returns what a run calls the file of data that has moved. */
    public static Path nameOf(String data) {
        return Path.of(is(data) ? FILE : data);
    }

    /**
     * Returns the place of data: what comes from standard input goes to a temporary file, because
     * it is read more than once, and gets the ending of its form. The file is removed when this
     * process exits.
     */
    public static String place(String data) {
        return is(data) ? kept().toString() : data;
    }

    private static Path kept() {
        try {
            var folder = Files.createTempDirectory("tutti-");
            folder.toFile().deleteOnExit();
            var in = new BufferedInputStream(System.in);
            in.mark(FIRST_BYTES);
            var start = new String(in.readNBytes(FIRST_BYTES), StandardCharsets.ISO_8859_1);
            in.reset();
            var file = folder.resolve(FILE + ending(start));
            file.toFile().deleteOnExit();
            Files.copy(in, file);
            return file;
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.DATA, "standard input cannot be kept in a file: " + Reason.of(e));
        }
    }

    private static String ending(String start) {
        return FORMS.stream()
                .filter(form -> start.startsWith(form.start()))
                .map(Form::ending)
                .findFirst()
                .orElseGet(() -> start.isEmpty() || start.indexOf('\0') >= 0 ? TABLE : "");
    }

    /** Refuses to read again what a run read from standard input. */
    public static void requireAgain(String data) {
        if (is(data)) {
            throw new UserException(
                    ExitCode.DATA,
                    "the run's data came from standard input: say where it is with --data PATH");
        }
    }
}
