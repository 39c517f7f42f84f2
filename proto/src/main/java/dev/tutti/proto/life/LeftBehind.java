package dev.tutti.proto.life;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a process has outside itself and must give back even if it ends without unwinding: files in
 * shared memory, child processes. Each is given back by an action that does not wait.
 */
public final class LeftBehind {
    private static final Set<Entry> ENTRIES = ConcurrentHashMap.newKeySet();

    private LeftBehind() {}

    /** Something that is outside; to be closed when it has been given back in order. */
    public static final class Entry implements AutoCloseable {
        private final Runnable giveBack;

        private Entry(Runnable giveBack) {
            this.giveBack = giveBack;
        }

        @Override
        public void close() {
            ENTRIES.remove(this);
        }
    }

    /** Registers what gives something back. */
    public static Entry unless(Runnable giveBack) {
        var entry = new Entry(giveBack);
        ENTRIES.add(entry);
        return entry;
    }

    /** Gives everything back that is still outside; one that cannot be leaves the others alone. */
    public static void giveBack() {
        for (var entry : ENTRIES) {
            try {
                entry.close();
                entry.giveBack.run();
            } catch (RuntimeException | Error _) {
                // The process ends: there is nobody left to tell.
            }
        }
    }
}
