package dev.tutti.deploy.run;

import dev.tutti.common.step.course.StepReport;
import dev.tutti.coordinator.record.RunEvent;
import dev.tutti.coordinator.record.RunObserver;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Shows how a run goes: on a terminal one line that is drawn again and again, elsewhere a line now
 * and then. A thread of its own does the writing, so that a slow terminal slows nothing else: a
 * terminal that is too slow for the lines misses some, and is told how many.
 */
public final class Progress implements RunObserver, AutoCloseable {
    private static final int BAR_CHARACTERS = 24;
    private static final long TERMINAL_PAUSE_MILLIS = 100;
    private static final long FILE_PAUSE_MILLIS = 5_000;
    private static final long OBSERVED_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long CLOSE_MILLIS = 2_000;
    private static final int LINES_MAX = 1_000;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean terminal;
    private final boolean labelled;
    private final long steps;
    private final int epochs;
    private final long firstStep;
    private final long startNanos = System.nanoTime();
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(LINES_MAX);
    private final AtomicInteger missed = new AtomicInteger();
    private final Thread drawer;
    private volatile @Nullable StepReport last;
    private boolean hasObserved;
    private boolean toldAlone;
    private long observedNanos;
    private long drawnStep;
    private volatile boolean closed;

    /**
     * Makes the display and starts drawing.
     *
     * @param terminal whether {@code out} is one
     * @param labelled whether accuracies mean something
     * @param steps steps of the run
     * @param firstStep steps that were taken before
     */
    public Progress(
            PrintStream out,
            boolean terminal,
            boolean labelled,
            long steps,
            int epochs,
            long firstStep) {
        this.out = out;
        this.terminal = terminal;
        this.labelled = labelled;
        this.steps = steps;
        this.epochs = epochs;
        this.firstStep = firstStep;
        this.drawer = Threads.startVirtual(ProcessPart.PROGRESS, this::draw);
    }

    /** Starts a display; the launcher script tells whether standard error is a terminal. */
    static Progress start(
            PrintStream out, boolean labelled, long steps, int epochs, long firstStep) {
        return new Progress(
                out, Boolean.getBoolean("tutti.terminal"), labelled, steps, epochs, firstStep);
    }

    @Override
    public void on(RunEvent event) {
        switch (event) {
            case RunEvent.StepTaken taken -> last = taken.report();
            case RunEvent.Evaluated evaluated -> line(describe(evaluated));
            case RunEvent.Observed(_, var line) -> observed(line);
            case RunEvent.Audited audited -> audited(audited);
            case RunEvent.Alert alert -> warned(alert.line());
            case RunEvent.EpochEnded _,
                    RunEvent.MemberJoined _,
                    RunEvent.MessageRejected _,
                    RunEvent.CheckpointWritten _,
                    RunEvent.Noted _,
                    RunEvent.Ended _ -> {}
        }
    }

    /** Shows what was seen now and then; the run's files have all of it. */
    private void observed(String line) {
        var now = System.nanoTime();
        if (!hasObserved || now - observedNanos > OBSERVED_PAUSE_NANOS) {
            hasObserved = true;
            observedNanos = now;
            line(line);
        }
    }

    /** Warns of what an audit found; of shards that nobody could compare, only once. */
    private void audited(RunEvent.Audited audited) {
        switch (audited.kind()) {
            case AUDITED -> {}
            case ALONE -> {
                if (!toldAlone) {
                    toldAlone = true;
                    warned(audited.line());
                }
            }
            case DIFFERENCE, EXPELLED -> warned(audited.line());
        }
    }

    private String describe(RunEvent.Evaluated evaluated) {
        var totals = evaluated.totals();
        var accuracy =
                labelled
                        ? ", accuracy %.4f".formatted((double) totals.correct() / totals.samples())
                        : "";
        return "%s after epoch %d (step %d): loss %.4f%s"
                .formatted(
                        evaluated.part().name().toLowerCase(Locale.ROOT),
                        evaluated.epoch() + 1,
                        evaluated.step(),
                        totals.meanLoss(),
                        accuracy);
    }

    /** Prints a warning. */
    public void warned(String line) {
        line("warning: " + line);
    }

    /** Prints a line of its own, soon. */
    public void line(String text) {
        if (closed) {
            print(text);
        } else if (!lines.offer(text)) {
            missed.incrementAndGet();
        }
    }

    private synchronized void print(String text) {
        out.println(terminal ? CLEAR_LINE + text : text);
        out.flush();
    }

    private void printMissed() {
        var count = missed.getAndSet(0);
        if (count > 0) {
            print("%d lines are not shown: they came too fast".formatted(count));
        }
    }

    @Override
    public void close() {
        closed = true;
        drawer.interrupt();
        try {
            if (!drawer.join(Duration.ofMillis(CLOSE_MILLIS))) {
                return; // The terminal takes nothing.
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        for (var text = lines.poll(); text != null; text = lines.poll()) {
            print(text);
        }
        printMissed();
        synchronized (this) {
            if (terminal) {
                out.print(CLEAR_LINE);
                out.flush();
            }
        }
    }

    private void draw() {
        var pauseNanos =
                TimeUnit.MILLISECONDS.toNanos(terminal ? TERMINAL_PAUSE_MILLIS : FILE_PAUSE_MILLIS);
        var due = System.nanoTime() + pauseNanos;
        while (!closed) {
            var text = nextLine(due - System.nanoTime());
            if (text.isPresent()) {
                print(text.get());
                printMissed();
            }
            if (System.nanoTime() - due >= 0) {
                due = System.nanoTime() + pauseNanos;
                drawLast();
            }
        }
    }

    private Optional<String> nextLine(long waitNanos) {
        try {
            return Optional.ofNullable(lines.poll(waitNanos, TimeUnit.NANOSECONDS));
        } catch (InterruptedException _) {
            return Optional.empty(); // The display is closed.
        }
    }

    private void drawLast() {
        var report = last;
        if (report != null && report.step() != drawnStep) {
            drawnStep = report.step();
            draw(report);
        }
    }

    private synchronized void draw(StepReport report) {
        if (closed) {
            return;
        }
        if (terminal) {
            out.print(CLEAR_LINE + bar(report.step()) + " " + describe(report));
        } else {
            out.println(describe(report));
        }
        out.flush();
    }

    private String bar(long step) {
        var full = (int) (BAR_CHARACTERS * step / steps);
        return "▕" + "█".repeat(full) + "░".repeat(BAR_CHARACTERS - full) + "▏";
    }

    private String describe(StepReport report) {
        var seconds = (System.nanoTime() - startNanos) / 1e9;
        var taken = Math.max(1, report.step() - firstStep);
        var left = seconds / taken * (steps - report.step());
        return "epoch %d/%d  step %d/%d  loss %.4f  %.0f steps/s  %s left"
                .formatted(
                        report.epoch() + 1,
                        epochs,
                        report.step(),
                        steps,
                        report.totals().meanLoss(),
                        taken / seconds,
                        duration(left));
    }

    private static String duration(double seconds) {
        return seconds < 60
                ? "%.0f s".formatted(seconds)
                : "%d min %02d s".formatted((int) seconds / 60, (int) seconds % 60);
    }
}
