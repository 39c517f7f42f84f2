package dev.tutti.common.step.lease;

/**
 * What a process has brought into the weights since an audit last found it right. Known for as long
 * as this coordinator runs.
 */
public final class AuditTrail {
    private static final long NEVER = -1;

    private long cleanStep = NEVER;
    private long firstStep = NEVER;
    private long lastStep = NEVER;
    private long steps;
    private long shards;

    /**
     * Notes shards that nobody compared.
     *
     * @param step counted from 1
     * @param count of shards
     */
    public void contributed(long step, long count) {
        if (count == 0) {
            return;
        }
        firstStep = shards == 0 ? step : firstStep;
        steps += shards == 0 || step != lastStep ? 1 : 0;
        lastStep = step;
        shards += count;
    }

    /** Notes that it was found right in a step, counted from 1. */
    public void clean(long step) {
        cleanStep = step;
        steps = 0;
        shards = 0;
    }

    /** Returns in words what of its work is in the weights and was never compared. */
    public String since() {
        var from =
                cleanStep == NEVER
                        ? "it was never audited before"
                        : "last audited in step " + cleanStep;
        return shards == 0
                ? "%s, and none of its shards since is in the weights".formatted(from)
                : "%s; since then %d of its shards are in the weights, in %d step%s from %d to %d"
                        .formatted(from, shards, steps, steps == 1 ? "" : "s", firstStep, lastStep);
    }
}
