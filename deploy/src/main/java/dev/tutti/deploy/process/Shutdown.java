package dev.tutti.deploy.process;

import dev.tutti.proto.life.LeftBehind;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What happens while the JVM shuts down: what was asked for on a signal, in order, and then what
 * the process has outside itself is given back. One hook does both, so that worker processes are
 * not ended before the run that they compute for.
 */
public final class Shutdown {
    private static final Map<Response, Runnable> RESPONSES = new ConcurrentHashMap<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Shutdown::run, "tutti-shutdown"));
    }

    private Shutdown() {}

    /**
     * Something to do on a signal, until it is closed.
     *
     * @param max its longest time
     */
    public record Response(Duration max, Object identity) implements AutoCloseable {
        @Override
        public void close() {
            RESPONSES.remove(this);
        }
    }

    /** Registers what to do on a signal; it keeps to its longest time by itself. */
    public static Response onSignal(Duration max, Runnable action) {
        var response = new Response(max, new Object());
        RESPONSES.put(response, action);
        return response;
    }

    /** Has what is outside the process given back when it ends. */
    public static void giveBackAtEnd() {
        // The hook is there once this class is.
    }

    /** Returns how long a signal takes at most. */
    static Duration max() {
        return RESPONSES.keySet().stream()
                .map(Response::max)
                .reduce(Duration.ZERO, (a, b) -> a.compareTo(b) > 0 ? a : b);
    }

    private static void run() {
        RESPONSES.values().forEach(Runnable::run);
        LeftBehind.giveBack();
    }
}
