package dev.tutti.coordinator;

import dev.tutti.common.step.Decision;
import java.util.Optional;

/** How a run ended. */
public sealed interface RunOutcome {
    /** As planned. */
    record Completed(RunSummary summary) implements RunOutcome {}

    /** It could not go on; the message is one line. */
    record Aborted(Decision.Failure kind, String reason) implements RunOutcome {}

    /**
     * It was stopped on demand and can go on.
     *
     * @param step steps behind the weights
     * @param failure why the last checkpoint could not be written; the one before it stands
     */
    record Stopped(long step, Optional<String> failure) implements RunOutcome {}
}
