package dev.tutti.coordinator.record;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The end of a run, for those who wait for it. */
public final class RunEnd implements RunObserver {
    private final CompletableFuture<RunEvent.Ended> ended = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunEvent.Ended how) {
            ended.complete(how);
        }
    }

    /** The run ends by a failure; nothing is left to tell the workers. */
    public void failed(Throwable cause) {
        ended.completeExceptionally(cause);
        closed.completeExceptionally(cause);
    }

    /** The last workers have been told. */
    public void streamsClosed() {
        closed.complete(null);
    }

    public boolean isOver() {
        return ended.isDone();
    }

    /** Returns how the run ended, once all workers have been told. */
    public CompletionStage<RunEvent.Ended> ending() {
        return closed.thenCompose(_ -> ended);
    }
}
