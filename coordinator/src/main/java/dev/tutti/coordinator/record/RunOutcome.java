package dev.tutti.coordinator.record;

import dev.tutti.common.step.message.Decision;
import java.nio.file.Path;
import java.util.Optional;

/** How a run ended. */
public sealed interface RunOutcome {
    /**
     * As planned.
     *
     * @param folder where its results are: the run's, or one among those rescued
     */
    record Completed(RunSummary summary, Path folder) implements RunOutcome {}

    /**
     * As planned, but its results could not be written.
     *
     * @param reason one line
     * @param resumable the folder to go on with, if there is a checkpoint
     */
    record Unwritten(String reason, Optional<Path> resumable) implements RunOutcome {}

    /**
     * It could not go on.
     *
     * @param reason one line
     * @param resumable the folder to go on with, if there is a checkpoint
     */
    record Aborted(Decision.Failure kind, String reason, Optional<Path> resumable)
            implements RunOutcome {}

    /**
     * It was stopped on demand and can go on.
     *
     * @param step steps behind the weights
     * @param failure why the last checkpoint could not be written; the one before it stands
     * @param resumable the folder to go on with, if there is a checkpoint
     */
    record Stopped(long step, Optional<String> failure, Optional<Path> resumable)
            implements RunOutcome {}
}
