package dev.tutti.coordinator.record;

import dev.tutti.coordinator.file.LineFile;
import dev.tutti.coordinator.file.RunFiles;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/**
 * Writes {@code metrics.csv}: a row for each step and for each evaluation, with the step, the time
 * of day (UTC), and a column for each {@link Metric}; a cell is empty if the row does not measure
 * it. A disk that cannot take a row does not stop the training.
 */
public final class MetricsLog implements RunObserver {
    private static final double LONG_MAX = 1L << 53;

    private final LineFile file;
    private final boolean labelled;
    private final InstantSource clock;
    private final Failing lines;

    /**
     * Makes the log.
     *
     * @param file what it has already stays
     * @param labelled whether accuracies mean something
     * @throws IOException if a new file cannot take the names of the columns
     */
    public MetricsLog(LineFile file, boolean labelled, InstantSource clock, Consumer<String> warn)
            throws IOException {
        this.file = file;
        this.labelled = labelled;
        this.clock = clock;
        this.lines = new Failing(warn);
        if (file.bytes() == 0) {
            file.append(head());
        }
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunEvent.WentBack(_, var then, _, _)) {
            lines.cut(file, then.metricsBytes());
            if (file.bytes() == 0) {
                append(head());
            }
            return;
        }
        var measured = Metric.of(event, labelled);
        if (measured.isEmpty()) {
            return;
        }
        var row = new StringBuilder();
        row.append(Metric.step(event)).append(',');
        row.append(clock.instant().truncatedTo(ChronoUnit.MILLIS));
        for (var metric : Metric.values()) {
            row.append(',');
            var value = measured.get(metric);
            if (value != null) {
                append(value, row);
            }
        }
        append(row.toString());
    }

    private static String head() {
        var head = new StringBuilder("step,timestamp");
        for (var metric : Metric.values()) {
            head.append(',').append(metric.text());
        }
        return head.toString();
    }

    /** Whole numbers, such as bytes, have no point and no exponent. */
    private static void append(double value, StringBuilder out) {
        if (Math.rint(value) == value && Math.abs(value) < LONG_MAX) {
            out.append((long) value);
        } else {
            out.append(value);
        }
    }

    private void append(String line) {
        try {
            file.append(line);
            lines.works();
        } catch (IOException e) {
            lines.fails(
                    "a row of %s could not be written: %s; training goes on without"
                            .formatted(RunFiles.METRICS, Reason.of(e)));
        }
    }
}
