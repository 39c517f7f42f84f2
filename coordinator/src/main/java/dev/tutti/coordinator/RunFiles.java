package dev.tutti.coordinator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The files that a run leaves in its directory: {@code steps.jsonl} and {@code epochs.jsonl} grow
 * line by line; the others appear whole or not at all.
 */
final class RunFiles implements Closeable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final BufferedWriter steps;
    private final BufferedWriter epochs;

    RunFiles(Path directory) throws IOException {
        this.directory = directory;
        this.steps = Files.newBufferedWriter(directory.resolve("steps.jsonl"));
        this.epochs = Files.newBufferedWriter(directory.resolve("epochs.jsonl"));
    }

    void appendStep(Object line) {
        append(steps, line);
    }

    void appendEpoch(Object line) {
        append(epochs, line);
    }

    /** Returns a value as the JSON of one line. */
    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record that is no JSON: " + value, e);
        }
    }

    /** Writes a value as indented JSON, whole or not at all. */
    void writeJson(String name, Object value) {
        try {
            var text = JSON.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
            write(name, ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a file whole or not at all: temporary file, fsync, rename. */
    void write(String name, ByteBuffer content) throws IOException {
        var temporary = directory.resolve(name + ".partial");
        try (var channel =
                FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            while (content.hasRemaining()) {
                channel.write(content);
            }
            channel.force(true);
        }
        Files.move(
                temporary,
                directory.resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        steps.close();
        epochs.close();
    }

    private static void append(BufferedWriter out, Object line) {
        try {
            out.write(json(line));
            out.newLine();
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
