package dev.tutti.deploy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets a worker process leave in order when it is told to end by SIGTERM or SIGINT: the JVM stays
 * until it has left, but not for long. The process then ends with the signal's exit code.
 */
final class Farewell implements AutoCloseable {
    /** Less than what container engines wait before they kill. */
    private static final int SECONDS_MAX = 8;

    private final CompletableFuture<String> wanted = new CompletableFuture<>();
    private final CompletableFuture<CompletionStage<?>> ending = new CompletableFuture<>();
    private final Thread hook = new Thread(this::leave, "tutti-leave");

    private Farewell() {}

    static Farewell onSignal() {
        var farewell = new Farewell();
        Runtime.getRuntime().addShutdownHook(farewell.hook);
        return farewell;
    }

    /** Completes with the reason once a signal has come. */
    CompletionStage<String> wanted() {
        return wanted;
    }

    /** Says what to wait for. */
    void end(CompletionStage<?> ended) {
        ending.complete(ended);
    }

    private void leave() {
        wanted.complete("told to end");
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
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM is ending: the hook is at work.
        }
    }
}
