package dev.tutti.proto;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Elements;
import dev.tutti.proto.failure.WireException;

/**
 * What stands for a frame that could not be read, so that its refusal takes the way of any other.
 * Thrown from within gRPC it would be a stack in the log for each.
 *
 * @param reason what was found
 */
record Malformed(String reason) implements Payload {
    @Override
    public Elements elements() {
        return Elements.NONE;
    }

    @Override
    public void release() {}

    /**
     * Lets a payload pass that was read.
     *
     * @throws WireException if it was not
     */
    static void refuse(Payload payload) {
        if (payload instanceof Malformed(var reason)) {
            throw new WireException(reason);
        }
    }
}
