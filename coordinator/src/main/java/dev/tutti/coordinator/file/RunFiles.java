package dev.tutti.coordinator.file;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
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

    private final Path directory;
    private final LineFile steps;
    private final LineFile epochs;
    private Optional<LineFile> order = Optional.empty();

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

    /** Opens the file with the order of arrival, of which so many bytes stay. */
    public LineFile openOrder(long keptBytes) throws IOException {
        var opened = new LineFile(directory.resolve(OrderFile.NAME), keptBytes);
        order = Optional.of(opened);
        return opened;
    }

    /** Brings the lines to the disk. */
    public void force() throws IOException {
        steps.force();
        epochs.force();
        if (order.isPresent()) {
            order.get().force();
        }
    }

    /** Copies the lines into another folder, as far as they can be had. */
    public void copyInto(Path folder) {
        var names =
                order.isPresent() ? List.of(STEPS, EPOCHS, OrderFile.NAME) : List.of(STEPS, EPOCHS);
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
        if (order.isPresent()) {
            order.get().close();
        }
    }
}
