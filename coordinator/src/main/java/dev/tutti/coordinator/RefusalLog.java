package dev.tutti.coordinator;

import dev.tutti.proto.access.Refusal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is said of peers that are turned away: the first of a kind from a host at once, then every
 * tenth, hundredth, thousandth. So a stranger cannot fill the log, nor hide another one in it.
 */
public final class RefusalLog {
    private static final int SOURCES_MAX = 1_024;

    private record Source(String host, Refusal.Kind kind) {}

    private final Map<Source, Long> counts =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Source, Long> eldest) {
                    return size() > SOURCES_MAX;
                }
            };

    /** Returns the line about a refusal, if it is to be said; any thread may ask. */
    public synchronized Optional<String> line(Refusal refusal) {
        var count = counts.merge(new Source(refusal.host(), refusal.kind()), 1L, Long::sum);
        if (!isPowerOfTen(count)) {
            return Optional.empty();
        }
        return Optional.of(
                "refused: %s: %s%s"
                        .formatted(
                                refusal.host(),
                                refusal.detail(),
                                count == 1 ? "" : " (%d times by now)".formatted(count)));
    }

    private static boolean isPowerOfTen(long count) {
        var rest = count;
        while (rest % 10 == 0) {
            rest /= 10;
        }
        return rest == 1;
    }
}
