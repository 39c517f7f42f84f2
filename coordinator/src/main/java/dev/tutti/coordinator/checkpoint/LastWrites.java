package dev.tutti.coordinator.checkpoint;

import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what a run may not lose, its results or its last checkpoint, though its disk be full or
 * its folder gone: goes to the folder that the user named for that, or else tries again for a time.
 * After that time, or when it is told to give up, it tries once more, and fails.
 */
public final class LastWrites {
    private static final Logger LOG = LoggerFactory.getLogger(LastWrites.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Writes files into a folder that need not be there; may be called again after a failure. */
    public interface Write {
        void into(Path folder) throws IOException;
    }

    /** Lets a time pass between two attempts; returns at once when it is told to give up. */
    interface Pause {
        void last(Duration time) throws InterruptedException;
    }

    private final Safekeeping keeping;
    private final Path run;
    private final Consumer<String> say;
    private final LongSupplier nanoTime;
    private final Pause pause;
    private final CountDownLatch givenUp;
    private Optional<Path> rescued = Optional.empty();

    /**
     * Makes the writes of a run.
     *
     * @param say is told what the run waits for, and that it need not wait any more
     */
    public LastWrites(Safekeeping keeping, Path run, Consumer<String> say) {
        this(keeping, run, say, System::nanoTime, new CountDownLatch(1));
    }

    private LastWrites(
            Safekeeping keeping,
            Path run,
            Consumer<String> say,
            LongSupplier nanoTime,
            CountDownLatch givenUp) {
        this(
                keeping,
                run,
                say,
                nanoTime,
                time -> {
                    var _ = givenUp.await(time.toMillis(), TimeUnit.MILLISECONDS);
                },
                givenUp);
    }

    /** Makes the same with another clock. */
    LastWrites(
            Safekeeping keeping,
            Path run,
            Consumer<String> say,
            LongSupplier nanoTime,
            Pause pause,
            CountDownLatch givenUp) {
        this.keeping = keeping;
        this.run = run;
        this.say = say;
        this.nanoTime = nanoTime;
        this.pause = pause;
        this.givenUp = givenUp;
    }

    /** Ends a wait, now or later. */
    public void giveUp() {
        givenUp.countDown();
    }

    /** Returns the folder that was used in place of the run's, if one was. */
    public synchronized Optional<Path> rescued() {
        return rescued;
    }

    /**
     * Writes, and returns where: the run's folder, or one below the user's.
     *
     * @param what is written, for messages
     * @param patience longest wait
     * @throws IOException if it cannot be written; the message says why
     */
    public synchronized Path write(String what, Duration patience, Write write) throws IOException {
        var start = nanoTime.getAsLong();
        var told = false;
        while (true) {
            var last = isOver(start, patience);
            try {
                var place = attempt(what, write);
                if (told) {
                    say.accept(
                            "there is room again: %s %s been written"
                                    .formatted(what, what.endsWith("s") ? "have" : "has"));
                }
                return place;
            } catch (IOException e) {
                if (last) {
                    throw e;
                }
                if (!told) {
                    say.accept(
                            "cannot write %s: %s; trying again for %d s: make room"
                                    .formatted(what, e.getMessage(), patience.toSeconds()));
                    told = true;
                }
            }
            await();
        }
    }

    private boolean isOver(long start, Duration patience) {
        return givenUp.getCount() == 0 || nanoTime.getAsLong() - start >= patience.toNanos();
    }

    private void await() {
        try {
            pause.last(PAUSE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            giveUp();
        }
    }

    private Path attempt(String what, Write write) throws IOException {
        try {
            write.into(run);
            return run;
        } catch (IOException e) {
            if (keeping.rescue().isEmpty()) {
                throw new IOException(Reason.of(e), e);
            }
            LOG.warn("cannot write {} into {}: {}", what, run, e.toString());
            return rescue(what, write, e);
        }
    }

    private Path rescue(String what, Write write, IOException failure) throws IOException {
        try {
            var place = rescuePlace();
            write.into(place);
            say.accept(
                    "cannot write %s: %s; written to %s instead"
                            .formatted(what, Reason.of(failure), place));
            return place;
        } catch (IOException e) {
            throw new IOException(
                    "%s, and into %s: %s"
                            .formatted(
                                    Reason.of(failure),
                                    keeping.rescue().orElseThrow(),
                                    Reason.of(e)),
                    e);
        }
    }

    private Path rescuePlace() throws IOException {
        if (rescued.isEmpty()) {
            rescued = Optional.of(keeping.makePlace(run));
        }
        return rescued.get();
    }
}
