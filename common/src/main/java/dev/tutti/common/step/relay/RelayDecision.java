package dev.tutti.common.step.relay;

import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.ToCoordinator;

/** What a relay's machine wants done; the shell does it in the order given. */
public sealed interface RelayDecision {
    /** Send a message to the coordinator above. */
    record Above(ToCoordinator message) implements RelayDecision {}

    /** Do something about a member. */
    record Below(Decision.OfMembers decision) implements RelayDecision {}

    /** Weights have come: streams that wait for them can go on. */
    record WeightsArrived() implements RelayDecision {}

    /** End the membership above; the members have been told. */
    record Leave(boolean complete, String reason) implements RelayDecision {}
}
