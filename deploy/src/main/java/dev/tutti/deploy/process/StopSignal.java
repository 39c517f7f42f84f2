package dev.tutti.deploy.process;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Lets SIGINT and SIGTERM stop a run in order: the run is asked to stop, and the JVM, which ends
 * with 128 and the signal's number, waits until it has. A run that does not even hear of it, such
 * as one whose actor hangs, is waited for no longer than {@link #HEARD_SECONDS}.
 */
public final class StopSignal implements AutoCloseable {
    private static final int HEARD_SECONDS = 5;

    /** The last checkpoint of a large model takes its time. */
    private static final int WRITTEN_SECONDS = 60;

    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final Shutdown.Response response =
            Shutdown.onSignal(Duration.ofSeconds(HEARD_SECONDS + WRITTEN_SECONDS), this::received);
    private volatile Supplier<CompletionStage<?>> stop = this::atOnce;

    private StopSignal() {}

    /** Begins to listen; a signal before there is anything to stop ends the process at once. */
    public static StopSignal listen() {
        return new StopSignal();
    }

    /**
     * Says what a signal does from now on.
     *
     * @param action asks the run to stop, and returns whether it has heard
     */
    public void stops(Supplier<CompletionStage<?>> action) {
        stop = action;
    }

    private CompletionStage<?> atOnce() {
        ended.complete("nothing to stop");
        return ended;
    }

    private void received() {
        var heard = stop.get().toCompletableFuture();
        try {
            CompletableFuture.anyOf(heard, ended).get(HEARD_SECONDS, TimeUnit.SECONDS);
            ended.get(WRITTEN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException _) {
            // It ends as it is; the newest checkpoint is what can be gone on with.
        }
    }

    /** Everything is said and closed: the process may end. */
    @Override
    public void close() {
        ended.complete("ended");
        response.close();
    }
}
