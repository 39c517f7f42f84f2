package dev.tutti.deploy.study;

import dev.tutti.coordinator.checkpoint.StoppedRun;
import dev.tutti.coordinator.file.RunLock;
import dev.tutti.coordinator.record.RunSummary;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.OutputFile;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.run.RunDirectory;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The folder of a study: a folder for each run, named by its configuration, and the report and
 * results of all.
 *
 * @param path where it is
 */
record StudyFolder(Path path) {
    static final String REPORT = "report.html";
    static final String RESULTS = "results.csv";

    private static final String RUNS = "runs";
    private static final String FAILURE = "failed.txt";

    /** What a run has made before it writes its configuration. */
    private static final Set<String> MADE_FIRST = Set.of("logs", "run.lock");

    /**
     * Makes the folder, and takes its lock.
     *
     * @throws UserException if it cannot be made, or another study works in it
     */
    RunLock open() {
        try {
            Files.createDirectories(path.resolve(RUNS));
            return RunLock.take(path);
        } catch (IOException e) {
            throw UserException.of(
                    e,
                    ExitCode.OUTPUT,
                    "cannot write to %s: %s; give another --out, or make room"
                            .formatted(path, Reason.of(e, path)));
        }
    }

    /** Returns the folder of a run. */
    Path of(String run) {
        return path.resolve(RUNS).resolve(run);
    }

    /**
     * Returns how far a run is.
     *
     * @throws UserException if something else is in its place
     */
    RunState state(String run) {
        var folder = of(run);
        if (!Files.exists(folder)) {
            return RunState.QUEUED;
        }
        if (Files.isRegularFile(folder.resolve(FAILURE))) {
            return RunState.FAILED;
        }
        if (Files.isRegularFile(folder.resolve(RunDirectory.CONFIGURATION))) {
            if (Files.exists(folder.resolve(RunSummary.FILE))) {
                return RunState.DONE;
            }
            return StoppedRun.isIn(folder) ? RunState.INTERRUPTED : RunState.QUEUED;
        }
        var others = entries(folder).stream().filter(name -> !MADE_FIRST.contains(name)).toList();
        if (!others.isEmpty()) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "%s is not the folder of a run: it has %s and no %s; move it away, or give another --out"
                            .formatted(
                                    folder, String.join(", ", others), RunDirectory.CONFIGURATION));
        }
        return RunState.QUEUED;
    }

    private static List<String> entries(Path folder) {
        try (var files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .collect(Collectors.toList());
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "%s is not the folder of a run: %s; move it away, or give another --out"
                            .formatted(folder, Reason.of(e, folder)));
        }
    }

    /** Writes down why a run failed. */
    void failed(String run, String line) {
        try {
            Files.createDirectories(of(run));
        } catch (IOException e) {
            throw UserException.of(
                    e,
                    ExitCode.OUTPUT,
                    "cannot write to %s: %s".formatted(of(run), Reason.of(e, of(run))));
        }
        OutputFile.write(of(run).resolve(FAILURE), line.strip() + "\n");
    }

    /** Returns why a run failed. */
    String failure(String run) {
        try {
            return Files.readString(of(run).resolve(FAILURE)).strip();
        } catch (IOException e) {
            return "its %s cannot be read: %s".formatted(FAILURE, Reason.of(e));
        }
    }
}
