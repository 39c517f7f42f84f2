package dev.tutti.deploy.run;

import dev.tutti.coordinator.Coordinator;
import dev.tutti.coordinator.record.RunOutcome;
import dev.tutti.deploy.cli.ExitCode;
import java.io.PrintStream;
import java.nio.file.Path;

/** Who follows a run: a person at a terminal, or a study. */
public interface RunAudience {
    /** Returns where lines of progress go. */
    PrintStream progress();

    /** The run has begun, and can be stopped. */
    default void started(Coordinator coordinator) {}

    /**
     * The run has ended. On a signal, the process waits until this returns.
     *
     * @param directory the run's folder
     * @return how the command ends
     */
    ExitCode ended(RunOutcome outcome, Path directory);
}
