package dev.tutti.common.average.attack;

import dev.tutti.common.plugin.Bounds;

/**
 * A faulty shard sends what it would have sent some steps ago, as a machine does that is behind; in
 * the first steps, what it had at the first. With a momentum of each worker it is that momentum.
 * What was sent is a state of the virtual workers, kept by the coordinator and in checkpoints.
 *
 * @param age in steps, at least 1
 */
public record Stale(int age) implements Attack {
    /** Refuses a gradient that is not old. */
    public Stale {
        Bounds.atLeast("age", 1, age);
    }
}
