package dev.tutti.common.step.run;

import dev.tutti.common.random.Seeds;

/**
 * Which shards are audited: computed by two processes, whose gradients must have the same bits. A
 * pure function of the seed, the batch and the shard. It does not depend on who computes, so a run
 * that goes on audits the same shards.
 *
 * @param fraction of the shards, from 0 to 1
 * @param seed of the run
 */
public record Auditing(double fraction, long seed) {
    /** No audits. */
    public static final Auditing NONE = new Auditing(0, 0);

    /** Refuses what is no fraction. */
    public Auditing {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException(
                    "the fraction of audited shards must be from 0 to 1, was " + fraction);
        }
    }

    /** Tells whether anything is audited. */
    public boolean isOn() {
        return fraction > 0;
    }

    /** Tells whether a shard of a work is audited. */
    public boolean picks(Work work, int shard) {
        return isOn()
                && work instanceof Work.Train(_, var batch)
                && Seeds.of(seed, "audit", batch, shard).nextDouble() < fraction;
    }

    /** Returns the probability that one of so many wrong shards is audited. */
    public double chance(long shards) {
        return 1 - Math.pow(1 - fraction, (double) shards);
    }

    /** Returns how many wrong shards there must be before one is audited with a probability. */
    public long shardsFor(double probability) {
        return fraction == 1
                ? 1
                : (long) Math.ceil(Math.log1p(-probability) / Math.log1p(-fraction));
    }
}
