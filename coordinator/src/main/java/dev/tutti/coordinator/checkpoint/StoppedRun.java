package dev.tutti.coordinator.checkpoint;

import dev.tutti.common.checkpoint.Checkpoint;
import dev.tutti.coordinator.file.Disk;
import dev.tutti.coordinator.file.ResumeException;
import dev.tutti.coordinator.record.RunFigures;
import dev.tutti.coordinator.record.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A run that was stopped, or whose coordinator died, and what it goes on with.
 *
 * @param file the newest checkpoint that is whole
 * @param checkpoint what it holds
 * @param damaged newer files that are not, each with the reason, for the reader
 */
public record StoppedRun(Path file, Checkpoint checkpoint, List<String> damaged) {
    /**
     * Opens a run's folder, whose lock the caller has, and puts damaged checkpoints aside.
     *
     * @throws ResumeException if the run is complete, or has no checkpoint that is whole
     * @throws IOException if the folder cannot be read or tidied
     */
    public static StoppedRun open(Path directory) throws IOException {
        if (Files.exists(directory.resolve(RunSummary.FILE))) {
            throw new ResumeException(
                    "the run in %s is complete already: its figures are in %s"
                            .formatted(directory, directory.resolve(RunSummary.FILE)));
        }
        var folder = new CheckpointFolder(directory, Disk.REAL);
        var search = folder.search();
        var damaged =
                search.damaged().stream()
                        .map(file -> "%s is damaged: %s".formatted(file.file(), file.reason()))
                        .toList();
        var newest =
                search.newest()
                        .orElseThrow(() ->
                                new ResumeException(
                                        "the run in %s has no usable checkpoint%s; start it again: tutti train --config %s --out ANOTHER"
                                                .formatted(
                                                        directory,
                                                        damaged.isEmpty()
                                                                ? ""
                                                                : ": " + String.join("; ", damaged),
                                                        directory.resolve("run.conf"))));
        folder.tidy(search.damaged());
        return new StoppedRun(newest.file(), newest.checkpoint(), damaged);
    }

    /** Tells whether a run's folder has a checkpoint that is whole; changes nothing. */
    public static boolean isIn(Path directory) {
        try {
            return new CheckpointFolder(directory, Disk.REAL).search().newest().isPresent();
        } catch (IOException _) {
            return false;
        }
    }

    /** Returns the number of steps behind the weights. */
    public long step() {
        return checkpoint.position().next().step();
    }

    /** Returns what the run's bits follow from, as texts by name. */
    public Map<String, String> configuration() {
        return checkpoint.configuration();
    }

    /** Returns the port that the run's workers know, 0 if they came from within its process. */
    public int port() {
        return figures().port();
    }

    public RunFigures figures() {
        return RunFigures.parse(checkpoint.figures());
    }
}
