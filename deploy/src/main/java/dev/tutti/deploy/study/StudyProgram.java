package dev.tutti.deploy.study;

import dev.tutti.coordinator.file.RunLock;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/** What {@code tutti study} does: reads the file, prepares all runs, and trains them. */
public final class StudyProgram {
    private final Path file;
    private final Study study;
    private final StudyFolder folder;

    private StudyProgram(Path file, Study study, StudyFolder folder) {
        this.file = file;
        this.study = study;
        this.folder = folder;
    }

    /**
     * Reads the file of a study.
     *
     * @param out where the runs and the report go
     * @throws UserException if it is no study
     */
    public static StudyProgram of(Path file, Path out) {
        return new StudyProgram(
                file, StudyFile.read(file, StudyOptions.names()), new StudyFolder(out));
    }

    /** Says what would run, and what cannot be combined; makes nothing. */
    public ExitCode show(PrintStream out) {
        var plan = StudyPlan.of(study, folder.path());
        out.printf("%s: %d runs%n", study.title(), study.combinations().size());
        study.axes().forEach(axis -> out.println("  " + axis.describe()));
        if (!study.seeds().isEmpty()) {
            out.printf("  %s: %s%n", Study.SEED, study.seeds());
        }
        var left = study.size() - study.combinations().size();
        if (left > 0) {
            out.printf("  %d runs are excluded%n", left);
        }
        out.printf(
                "%d steps in all; %s%n",
                plan.runs().stream().mapToLong(PlannedRun::steps).sum(), states(plan));
        plan.requireAll(file);
        return ExitCode.OK;
    }

    private String states(StudyPlan plan) {
        var done =
                plan.runs().stream()
                        .filter(run -> folder.state(run.name()) == RunState.DONE)
                        .count();
        return "%d of %d are done in %s".formatted(done, plan.runs().size(), folder.path());
    }

    /** Trains what is not done, and returns how the command ends. */
    public ExitCode run(PrintStream out) {
        var plan = StudyPlan.of(study, folder.path());
        plan.requireAll(file);
        // What is in the place of a run is refused before anything is trained.
        plan.runs().forEach(run -> folder.state(run.name()));
        try (RunLock _ = folder.open()) {
            out.printf("%s: %d runs; %s%n", study.title(), plan.runs().size(), states(plan));
            var ended = new StudyRunner(file, study, plan.runs(), folder, out).run();
            if (ended == ExitCode.OK) {
                out.printf(
                        "report    %s%nresults   %s%n",
                        folder.path().resolve(StudyFolder.REPORT),
                        folder.path().resolve(StudyFolder.RESULTS));
            }
            return ended;
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "cannot write to %s: %s".formatted(folder.path(), Reason.of(e, folder.path())));
        }
    }
}
