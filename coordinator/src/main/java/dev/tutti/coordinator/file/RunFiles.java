package dev.tutti.coordinator.file;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that a run leaves in its directory: {@code steps.jsonl} and {@code epochs.jsonl} grow
 * line by line; the others appear whole or not at all.
 */
public final class RunFiles implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(RunFiles.class);

    /** The file with a line for each step. */
    public static final String STEPS = "steps.jsonl";

    /** The file with a line for each epoch. */
    public static final String EPOCHS = "epochs.jsonl";

    /** The table with a row for each step and each evaluation. */
    public static final String METRICS = "metrics.csv";

    /** The file with a line for each step that was looked at. */
    public static final String OBSERVATIONS = "observations.jsonl";

    /** The file with the digests of the gradients of steps. */
    public static final String DIGESTS = "digests.jsonl";

    private final Path directory;
    private final LineFile steps;
    private final LineFile epochs;

    /** Those that not every part of the program knows, by their names. */
    private final Map<String, LineFile> others = new LinkedHashMap<>();

    /**
     * Opens the files.
     *
     * @param stepsBytes how much of {@code steps.jsonl} stays, 0 in a new run
     * @param epochsBytes the same of {@code epochs.jsonl}
     */
    public RunFiles(Path directory, long stepsBytes, long epochsBytes) throws IOException {
        this.directory = directory;
        this.steps = new LineFile(directory.resolve(STEPS), stepsBytes);
        this.epochs = new LineFile(directory.resolve(EPOCHS), epochsBytes);
    }

    /** Returns the file with a line for each step. */
    public LineFile steps() {
        return steps;
    }

    /** Returns the file with a line for each epoch. */
    public LineFile epochs() {
        return epochs;
    }

    /**
     * Opens another file that grows line by line, or makes it; before anything is written.
     *
     * @param bytes how much of it stays, 0 in a new run
     */
    public LineFile open(String name, long bytes) throws IOException {
        var file = new LineFile(directory.resolve(name), bytes);
        others.put(name, file);
        return file;
    }

    /** Returns how much of a file is written; 0 if it is not open. */
    public long bytes(String name) {
        var file = others.get(name);
        return file == null ? 0 : file.bytes();
    }

    /** Brings the lines to the disk. */
    public void force() throws IOException {
        steps.force();
        epochs.force();
        for (var file : others.values()) {
            file.force();
        }
    }

    /** Copies the lines into another folder, as far as they can be had. */
    public void copyInto(Path folder) {
        var names = new ArrayList<>(List.of(STEPS, EPOCHS));
        names.addAll(others.keySet());
        for (var name : names) {
            try {
                Files.copy(
                        directory.resolve(name),
                        folder.resolve(name),
                        StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                LOG.warn("cannot copy {} into {}: {}", name, folder, e.toString());
            }
        }
    }

    /** Returns a value as indented JSON, the content of a file. */
    public static List<MemorySegment> json(Object value) {
        var text = RecordJson.indented(value).concat("\n");
        return List.of(MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() throws IOException {
        steps.close();
        epochs.close();
        for (var file : others.values()) {
            file.close();
        }
    }
}
