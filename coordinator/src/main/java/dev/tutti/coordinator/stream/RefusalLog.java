package dev.tutti.coordinator.stream;

import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.proto.access.Refusal;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is said of peers that are turned away: the first of a kind from a host at once, then the
 * tenth, hundredth, thousandth; of processes that may not join, which can be our own, the first ten
 * of a kind. So a stranger cannot fill the log, nor hide another one in it.
 */
public final class RefusalLog {
    private static final int SOURCES_MAX = 1_024;
    private static final int PROCESSES_SAID = 10;

    private record Source(String host, Refusal.Kind kind) {}

    private final Map<Source, Long> counts =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Source, Long> eldest) {
                    return size() > SOURCES_MAX;
                }
            };

    private final Map<Rejection.Kind, Long> processes = new EnumMap<>(Rejection.Kind.class);

    /** Returns the line about a process that may not join, if it is to be said. */
    public synchronized Optional<String> line(ProcessId process, Rejection rejection) {
        var count = processes.merge(rejection.kind(), 1L, Long::sum);
        if (count > PROCESSES_SAID && !isPowerOfTen(count)) {
            return Optional.empty();
        }
        return Optional.of(line(process.toString(), rejection.detail(), count, PROCESSES_SAID));
    }

    /** Returns the line about a refusal, if it is to be said; any thread may ask. */
    public synchronized Optional<String> line(Refusal refusal) {
        var count = counts.merge(new Source(refusal.host(), refusal.kind()), 1L, Long::sum);
        if (!isPowerOfTen(count)) {
            return Optional.empty();
        }
        return Optional.of(line(refusal.host(), refusal.detail(), count, 1));
    }

    private static String line(String who, String detail, long count, long said) {
        return "refused: %s: %s%s"
                .formatted(who, detail, count <= said ? "" : " (%d times by now)".formatted(count));
    }

    private static boolean isPowerOfTen(long count) {
        var rest = count;
        while (rest % 10 == 0) {
            rest /= 10;
        }
        return rest == 1;
    }
}
