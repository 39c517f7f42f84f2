package dev.tutti.coordinator;

import dev.tutti.common.checkpoint.Checkpoint;
import dev.tutti.proto.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Writes checkpoints on a thread of its own, one at a time, beside the training. */
final class CheckpointWriter implements AutoCloseable {
    private static final int CLOSE_SECONDS = 60;

    /** How a write ended. */
    sealed interface Written {
        /** It is on the disk. */
        record Whole(long step, Path file, long nanos) implements Written {}

        /** It is not, and what was there before still is. */
        record Failed(long step, String reason) implements Written {}
    }

    private final RunFiles files;
    private final CheckpointFolder folder;
    private final int kept;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("tutti-checkpoint").factory());

    /**
     * Makes the writer of a run.
     *
     * @param files whose lines must be on the disk before a checkpoint that counts on them
     * @param kept checkpoints that stay
     */
    CheckpointWriter(RunFiles files, CheckpointFolder folder, int kept) {
        this.files = files;
        this.folder = folder;
        this.kept = kept;
    }

    /**
     * Makes and writes a checkpoint soon, whose memory stays as it is until {@code done} is told.
     *
     * @param step steps behind its weights
     * @param checkpoint makes it, on the writer's thread
     * @param done is told on the writer's thread
     */
    void write(long step, Supplier<Checkpoint> checkpoint, Consumer<Written> done) {
        thread.execute(() -> done.accept(write(step, checkpoint)));
    }

    private Written write(long step, Supplier<Checkpoint> checkpoint) {
        var start = System.nanoTime();
        try {
            files.force();
            var file = folder.write(checkpoint.get(), kept);
            return new Written.Whole(step, file, System.nanoTime() - start);
        } catch (IOException | RuntimeException e) {
            return new Written.Failed(step, Reason.of(e));
        }
    }

    /** Waits for the checkpoint that is being written. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
