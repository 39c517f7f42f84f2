package dev.tutti.common.step.lease;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps away for a while who fails again and again: every third failure without enough good results
 * in between is one quarantine, each twice as long as the one before. It remembers a bounded number
 * of names.
 */
final class Quarantine {
    private static final int STRIKES_MAX = 3;
    private static final int GOOD_MIN = 16;
    private static final int NAMES_MAX = 1024;
    private static final long FIRST_NANOS = 5_000_000_000L;
    private static final int DOUBLINGS_MAX = 6;

    private final Map<String, Conduct> known =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Conduct> eldest) {
                    return size() > NAMES_MAX;
                }
            };

    private static final class Conduct {
        int strikes;
        int good;
        int times;
        long fromNanos;
        long nanos;
        String last = "";
    }

    /** Enters a failure; returns a line that says so if it is one too many. */
    Optional<String> strike(String who, String what, long now) {
        var conduct = known.computeIfAbsent(who, _ -> new Conduct());
        conduct.good = 0;
        conduct.last = what;
        if (++conduct.strikes < STRIKES_MAX) {
            return Optional.empty();
        }
        conduct.strikes = 0;
        conduct.nanos = FIRST_NANOS << Math.min(DOUBLINGS_MAX, conduct.times++);
        conduct.fromNanos = now;
        return refusal(who, now);
    }

    /** Enters a good result: enough of them, and the failures before are forgiven. */
    void good(String who) {
        var conduct = known.get(who);
        if (conduct != null && ++conduct.good >= GOOD_MIN) {
            conduct.strikes = 0;
        }
    }

    /** Forgives the failures that have not led to a quarantine yet. */
    void forgive(String who) {
        var conduct = known.get(who);
        if (conduct != null) {
            conduct.strikes = 0;
        }
    }

    /** Returns why somebody is kept away at this time; empty if not. */
    Optional<String> refusal(String who, long now) {
        var conduct = known.get(who);
        if (conduct == null) {
            return Optional.empty();
        }
        var left = conduct.nanos - (now - conduct.fromNanos);
        return left <= 0
                ? Optional.empty()
                : Optional.of(
                        "quarantined for %.1f s: %s failed %d times, the last time: %s"
                                .formatted(left / 1e9, who, STRIKES_MAX, conduct.last));
    }
}
