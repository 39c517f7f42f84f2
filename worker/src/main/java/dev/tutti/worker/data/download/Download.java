package dev.tutti.worker.data.download;

import dev.tutti.worker.data.source.PartFile;
import dev.tutti.worker.data.source.SourceFile;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * One file from the network that is known by the SHA-256 of its unpacked content, so that it may be
 * packed anew.
 */
public record Download(URI source, String digest) {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final int READ_TIMEOUT_MILLIS = 30_000;
    private static final int CHUNK_BYTES = 1 << 16;
    private static final long BYTES_MAX = 1L << 30;

    /**
     * Fetches the file; it is at {@code out} whole and checked, or not at all.
     *
     * @throws IOException if it cannot be fetched, or is not the expected file
     */
    public void fetch(DownloadProgress progress, Path out) throws IOException {
        try (var part = PartFile.in(out.toAbsolutePath().resolveSibling(""))) {
            transfer(String.valueOf(out.getFileName()), progress, part.path());
            var found = contentDigest(part.path());
            if (!found.equals(digest)) {
                throw new IOException(
                        "its content has digest %s, expected %s".formatted(found, digest));
            }
            part.moveTo(out);
        }
    }

    private void transfer(String name, DownloadProgress progress, Path out) throws IOException {
        if (!(source.toURL().openConnection() instanceof HttpURLConnection connection)) {
            throw new IOException(source + " is no address of a web server");
        }
        connection.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
        connection.setReadTimeout(READ_TIMEOUT_MILLIS);
        try {
            var status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                throw new IOException("the server answered with status " + status);
            }
            copy(name, connection, progress, out);
        } finally {
            connection.disconnect();
        }
    }

    private void copy(
            String name, HttpURLConnection connection, DownloadProgress progress, Path out)
            throws IOException {
        var bytesMax = connection.getContentLengthLong();
        try (var from = connection.getInputStream();
                var to = Files.newOutputStream(out)) {
            var chunk = new byte[CHUNK_BYTES];
            long bytes = 0;
            for (var count = from.read(chunk); count >= 0; count = from.read(chunk)) {
                to.write(chunk, 0, count);
                bytes += count;
                if (bytes > BYTES_MAX) {
                    throw new IOException("it is larger than %d bytes".formatted(BYTES_MAX));
                }
                progress.arrived(name, bytes, bytesMax);
            }
        }
    }

    private static String contentDigest(Path path) throws IOException {
        try (var in = new SourceFile(path).open()) {
            var sha = MessageDigest.getInstance("SHA-256");
            var chunk = new byte[CHUNK_BYTES];
            for (var count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                sha.update(chunk, 0, count);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
