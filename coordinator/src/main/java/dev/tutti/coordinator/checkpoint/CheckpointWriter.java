package dev.tutti.coordinator.checkpoint;

import dev.tutti.common.checkpoint.Checkpoint;
import dev.tutti.coordinator.file.Disk;
import dev.tutti.coordinator.file.RunFiles;
import dev.tutti.proto.failure.Reason;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Writes checkpoints on a thread of its own, one at a time, beside the training. */
public final class CheckpointWriter implements AutoCloseable {
    private static final int CLOSE_SECONDS = 60;

    /** How a write ended. */
    public sealed interface Written {
        /** It is on the disk. */
        record Whole(long step, Path file, long nanos) implements Written {}

        /** It is not, and what was there before still is. */
        record Failed(long step, String reason) implements Written {}
    }

    private final RunFiles files;
    private final Path run;
    private final int kept;
    private final Safekeeping keeping;
    private final LastWrites lastWrites;
    private final Disk disk;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Threads.factory(ProcessPart.CHECKPOINTS));

    /**
     * Makes the writer of a run.
     *
     * @param files whose lines must be on the disk before a checkpoint that counts on them
     * @param run the run's folder
     * @param kept checkpoints that stay
     * @param lastWrites writes the run's last checkpoint
     */
    public CheckpointWriter(
            RunFiles files,
            Path run,
            Disk disk,
            int kept,
            Safekeeping keeping,
            LastWrites lastWrites) {
        this.files = files;
        this.run = run;
        this.disk = disk;
        this.kept = kept;
        this.keeping = keeping;
        this.lastWrites = lastWrites;
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

    /** The same for a run's last checkpoint, which does not fail before all has been tried. */
    void writeLast(long step, Supplier<Checkpoint> checkpoint, Consumer<Written> done) {
        thread.execute(() -> done.accept(writeLast(step, checkpoint)));
    }

    private Written write(long step, Supplier<Checkpoint> checkpoint) {
        var start = System.nanoTime();
        try {
            files.force();
            var file = writeInto(run, checkpoint.get());
            return new Written.Whole(step, file, System.nanoTime() - start);
        } catch (IOException | RuntimeException e) {
            return new Written.Failed(step, Reason.of(e));
        }
    }

    private Written writeLast(long step, Supplier<Checkpoint> checkpoint) {
        var start = System.nanoTime();
        try {
            var made = checkpoint.get();
            var place =
                    lastWrites.write(
                            "the checkpoint after step " + step,
                            keeping.patienceAtStop(),
                            folder -> writeLastInto(folder, made));
            var file = CheckpointFolder.file(place, made);
            return new Written.Whole(step, file, System.nanoTime() - start);
        } catch (IOException | RuntimeException e) {
            return new Written.Failed(step, Reason.of(e));
        }
    }

    private void writeLastInto(Path folder, Checkpoint checkpoint) throws IOException {
        if (folder.equals(run)) {
            files.force();
        } else {
            files.copyInto(folder);
        }
        writeInto(folder, checkpoint);
    }

    /**
     * Writes into a folder, which may be new: it then gets what a run needs to go on from there.
     */
    private Path writeInto(Path folder, Checkpoint checkpoint) throws IOException {
        var file = new CheckpointFolder(folder, disk).write(checkpoint, kept);
        keeping.keepConfiguration(folder, disk);
        return file;
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
