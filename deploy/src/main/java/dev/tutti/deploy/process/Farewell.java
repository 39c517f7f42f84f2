package dev.tutti.deploy.process;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets a worker process leave in order when it is told to end by SIGTERM or SIGINT: the JVM stays
 * until it has left, but not for long. The process then ends with the signal's exit code.
 */
public final class Farewell implements AutoCloseable {
    /** Less than what container engines wait before they kill. */
    private static final int SECONDS_MAX = 8;

    private final CompletableFuture<String> wanted = new CompletableFuture<>();
    private final CompletableFuture<CompletionStage<?>> ending = new CompletableFuture<>();
    private final Shutdown.Response response =
            Shutdown.onSignal(Duration.ofSeconds(SECONDS_MAX), this::leave);

    private Farewell() {}

    public static Farewell onSignal() {
        return new Farewell();
    }

    /** Completes with the reason once a signal has come. */
    public CompletionStage<String> wanted() {
        return wanted;
    }

    /** Says what to wait for. */
    public void end(CompletionStage<?> ended) {
        ending.complete(ended);
    }

    private void leave() {
        wanted.complete("told to end");
        if (!ending.isDone()) {
            return; // It has not begun to look for a coordinator.
        }
        try {
            ending.thenCompose(ended -> ended).get(SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException _) {
            // It leaves as it is; the coordinator counts it as lost.
        }
    }

    @Override
    public void close() {
        response.close();
    }
}
