package dev.tutti.proto;

import com.google.protobuf.MessageLite;
import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Floats;

/**
 * One message of a stream: a protobuf header, and floats that never pass through protobuf.
 *
 * @param header the message without its payload
 * @param payload on loan: the receiver of the frame releases it
 */
public record Frame<H extends MessageLite>(H header, Payload payload) {
    /** The payload of a message that has none. */
    public static final Payload NO_PAYLOAD = Payload.of(Floats.NONE);
}
