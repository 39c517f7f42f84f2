package dev.tutti.worker.data.source;

import dev.tutti.common.data.DataException;
import dev.tutti.proto.failure.Reason;
import dev.tutti.worker.data.text.UndecodableException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** A file that a user named: read whether gzipped or not, and named in every refusal. */
public record SourceFile(Path path) {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int GZIP_FIRST = 0x1F;
    private static final int GZIP_SECOND = 0x8B;

    /** Returns the file's content, unpacked if its first bytes say that it is gzipped. */
    public InputStream open() throws IOException {
        var in = new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES);
        try {
            return startsGzipped(in) ? new GZIPInputStream(in, BUFFER_BYTES) : in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /** Tells whether the file is gzipped. */
    public boolean gzipped() throws IOException {
        try (var in = new BufferedInputStream(Files.newInputStream(path))) {
            return startsGzipped(in);
        }
    }

    /** Returns a refusal of the file's content. */
    public DataException refused(String message) {
        return new DataException(path + ": " + message);
    }

    /** Returns a refusal that says in words why the file could not be read. */
    public DataException refused(IOException failure) {
        return new DataException(path + ": " + reason(failure), failure);
    }

    public static String reason(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "there is no permission to read it";
            case EOFException _ -> "it ends too early: it is truncated";
            case ZipException e -> "it is damaged: " + e.getMessage();
            case UndecodableException e -> String.valueOf(e.getMessage());
            case CharacterCodingException _ -> "it is not text in UTF-8";
            default -> "it cannot be read: " + Reason.of(failure);
        };
    }

    private static boolean startsGzipped(BufferedInputStream in) throws IOException {
        in.mark(2);
        var gzipped = in.read() == GZIP_FIRST && in.read() == GZIP_SECOND;
        in.reset();
        return gzipped;
    }
}
