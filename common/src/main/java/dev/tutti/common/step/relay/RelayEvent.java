package dev.tutti.common.step.relay;

import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToWorker;

/** Something that happened to a relay. */
public sealed interface RelayEvent {
    /** The coordinator above, which may be a relay too, sent a message. */
    record FromAbove(ToWorker message) implements RelayEvent {}

    /** Something happened to a member, or time passed. */
    record FromBelow(MembersEvent event) implements RelayEvent {}
}
