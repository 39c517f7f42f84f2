package dev.tutti.deploy.bench.measure;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.deploy.bench.peer.BenchException;
import dev.tutti.deploy.bench.peer.Child;
import dev.tutti.deploy.bench.peer.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How fast a run takes its steps, seen from outside: by the lines of its {@code steps.jsonl} and
 * this process's clock, so that the time between two steps counts too.
 *
 * @param first steps taken before
 * @param steps taken while it was watched
 * @param seconds from the first of them to the last
 */
record StepRate(long first, long steps, double seconds) {
    private static final String NAME = "steps.jsonl";
    private static final Duration START_MAX = Duration.ofMinutes(2);
    private static final Duration STEP_MAX = Duration.ofMinutes(1);
    private static final long PAUSE_NANOS = 20_000_000;

    /** Both ends of a measurement are seen as exactly as this. */
    private static final long EXACT_PAUSE_NANOS = 500_000;

    double stepsPerSecond() {
        return steps / seconds;
    }

    /** Returns what {@code reader} makes of the log's lines, one of each step that was watched. */
    <T> T ofLines(Path log, Function<Stream<JsonNode>, T> reader) {
        try (var lines = Files.lines(log)) {
            return reader.apply(lines.skip(first).limit(steps).map(line -> Json.parse(NAME, line)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a number of a line. */
    static double number(JsonNode line, String path) {
        return Json.number(NAME, line, path);
    }

    /**
     * Watches a run that has just been started and goes on for longer than this.
     *
     * @param log the run's steps.jsonl, which need not be there yet
     * @param warmUpSeconds from the first step on, not measured
     * @param seconds to measure
     * @throws BenchException if the run ends, or does not get on
     */
    static StepRate watch(Path log, Child run, double warmUpSeconds, double seconds) {
        try (var lines = Lines.await(log, run)) {
            lines.pass(0, PAUSE_NANOS);
            lines.sleep(warmUpSeconds);
            var first = lines.pass(lines.count(), EXACT_PAUSE_NANOS);
            var start = System.nanoTime();
            lines.sleep(seconds);
            var last = lines.pass(lines.count(), EXACT_PAUSE_NANOS);
            return new StepRate(first, last - first, (System.nanoTime() - start) / 1e9);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines of a growing file. */
    private static final class Lines implements AutoCloseable {
        private final Child run;
        private final FileChannel file;
        private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        private long count;

        private Lines(Child run, FileChannel file) {
            this.run = run;
            this.file = file;
        }

        static Lines await(Path log, Child run) throws IOException {
            var until = System.nanoTime() + START_MAX.toNanos();
            while (!Files.exists(log)) {
                requireGoing(run, until);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            return new Lines(run, FileChannel.open(log, StandardOpenOption.READ));
        }

        /** Returns the lines so far. */
        long count() throws IOException {
            while (file.read(buffer.clear()) > 0) {
                for (var i = 0; i < buffer.position(); i++) {
                    count += buffer.get(i) == '\n' ? 1 : 0;
                }
            }
            return count;
        }

        /** Returns the lines as soon as they are more than these. */
        long pass(long lines, long pauseNanos) throws IOException {
            var until = System.nanoTime() + (lines == 0 ? START_MAX : STEP_MAX).toNanos();
            while (count() <= lines) {
                requireGoing(run, until);
                LockSupport.parkNanos(pauseNanos);
            }
            return count;
        }

        /** Waits, and sees to it that the run goes on. */
        void sleep(double seconds) {
            var until = System.nanoTime() + (long) (seconds * 1e9);
            while (System.nanoTime() < until) {
                requireGoing(run, Long.MAX_VALUE);
                LockSupport.parkNanos(Math.min(PAUSE_NANOS, until - System.nanoTime()));
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private static void requireGoing(Child run, long untilNanos) {
        if (!run.isAlive()) {
            throw run.failure();
        }
        if (untilNanos != Long.MAX_VALUE && System.nanoTime() - untilNanos > 0) {
            throw new BenchException("a run takes no steps; it said: " + run.errors().strip());
        }
    }
}
