package dev.tutti.common.step.message;

import java.util.List;

/**
 * A part of what a virtual worker keeps from one gradient to the next.
 *
 * @param shard of the virtual worker
 * @param batch of the last gradient that has changed it
 * @param bytes of it
 */
public record StatePart(int shard, long batch, Stretch bytes) {
    /** Returns the parts of a state, in their order. */
    public static List<StatePart> parts(int shard, long batch, byte[] state) {
        return Stretch.of(state).stream()
                .map(stretch -> new StatePart(shard, batch, stretch))
                .toList();
    }
}
