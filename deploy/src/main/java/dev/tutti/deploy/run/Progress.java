package dev.tutti.deploy.run;

import dev.tutti.common.average.Totals;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.coordinator.record.RunListener;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Shows how a run goes: on a terminal one line that is drawn again and again, elsewhere a line now
 * and then. A thread of its own does the drawing, so that a slow terminal slows nothing else.
 */
public final class Progress implements RunListener, AutoCloseable {
    private static final int BAR_CHARACTERS = 24;
    private static final long TERMINAL_PAUSE_MILLIS = 100;
    private static final long FILE_PAUSE_MILLIS = 5_000;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean terminal;
    private final boolean labelled;
    private final long steps;
    private final int stepsPerEpoch;
    private final long firstStep;
    private final long startNanos = System.nanoTime();
    private final Thread drawer;
    private volatile @Nullable StepReport last;
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
    Progress(
            PrintStream out,
            boolean terminal,
            boolean labelled,
            long steps,
            int stepsPerEpoch,
            long firstStep) {
        this.out = out;
        this.terminal = terminal;
        this.labelled = labelled;
        this.steps = steps;
        this.stepsPerEpoch = stepsPerEpoch;
        this.firstStep = firstStep;
        this.drawer = Threads.startVirtual(ProcessPart.PROGRESS, this::draw);
    }

    /** Starts a display on standard error; the launcher script tells whether it is a terminal. */
    static Progress start(boolean labelled, long steps, int stepsPerEpoch, long firstStep) {
        return new Progress(
                System.err,
                Boolean.getBoolean("tutti.terminal"),
                labelled,
                steps,
                stepsPerEpoch,
                firstStep);
    }

    @Override
    public void stepTaken(StepReport report) {
        last = report;
    }

    @Override
    public void evaluated(long step, int epoch, Part part, Totals totals) {
        var accuracy =
                labelled
                        ? ", accuracy %.4f".formatted((double) totals.correct() / totals.samples())
                        : "";
        line(
                "%s after epoch %d (step %d): loss %.4f%s"
                        .formatted(
                                part.name().toLowerCase(Locale.ROOT),
                                epoch + 1,
                                step,
                                totals.meanLoss(),
                                accuracy));
    }

    @Override
    public void warned(String line) {
        line("warning: " + line);
    }

    /** Prints a line of its own. */
    public synchronized void line(String text) {
        out.println(terminal ? CLEAR_LINE + text : text);
        out.flush();
    }

    @Override
    public void close() {
        closed = true;
        drawer.interrupt();
        synchronized (this) {
            if (terminal) {
                out.print(CLEAR_LINE);
                out.flush();
            }
        }
    }

    private void draw() {
        while (!closed) {
            try {
                Thread.sleep(terminal ? TERMINAL_PAUSE_MILLIS : FILE_PAUSE_MILLIS);
            } catch (InterruptedException _) {
                return;
            }
            var report = last;
            if (report != null && report.step() != drawnStep) {
                drawnStep = report.step();
                draw(report);
            }
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
                        (steps - 1) / stepsPerEpoch + 1,
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
