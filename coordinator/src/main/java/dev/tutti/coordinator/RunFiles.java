package dev.tutti.coordinator;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The files that a run leaves in its directory: {@code steps.jsonl} and {@code epochs.jsonl} grow
 * line by line; the others appear whole or not at all.
 */
final class RunFiles implements Closeable {
    private final Path directory;
    private final LineFile steps;
    private final LineFile epochs;

    /**
     * Opens the files.
     *
     * @param stepsBytes how much of {@code steps.jsonl} stays, 0 in a new run
     * @param epochsBytes the same of {@code epochs.jsonl}
     */
    RunFiles(Path directory, long stepsBytes, long epochsBytes) throws IOException {
        this.directory = directory;
        this.steps = new LineFile(directory.resolve("steps.jsonl"), stepsBytes);
        this.epochs = new LineFile(directory.resolve("epochs.jsonl"), epochsBytes);
    }

    /** Returns the file with a line for each step. */
    LineFile steps() {
        return steps;
    }

    /** Returns the file with a line for each epoch. */
    LineFile epochs() {
        return epochs;
    }

    /** Brings the lines to the disk. */
    void force() throws IOException {
        steps.force();
        epochs.force();
    }

    /** Writes a value as indented JSON, whole or not at all. */
    void writeJson(String name, Object value) {
        try {
            var text = RecordJson.indented(value);
            write(
                    name,
                    List.of(
                            MemorySegment.ofArray(
                                    text.concat("\n").getBytes(StandardCharsets.UTF_8))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes a file whole or not at all.
     *
     * @param content stretches that follow one another
     */
    void write(String name, List<MemorySegment> content) throws IOException {
        Disk.REAL.replace(directory.resolve(name), content);
    }

    @Override
    public void close() throws IOException {
        steps.close();
        epochs.close();
    }
}
