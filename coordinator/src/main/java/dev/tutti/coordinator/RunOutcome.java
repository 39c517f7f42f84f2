package dev.tutti.coordinator;

import dev.tutti.common.step.Decision;

/** How a run ended. */
public sealed interface RunOutcome {
    /** As planned. */
    record Completed(RunSummary summary) implements RunOutcome {}

    /** It could not go on; the message is one line. */
    record Aborted(Decision.Failure kind, String reason) implements RunOutcome {}
}
