package dev.tutti.deploy.export;

import dev.tutti.coordinator.record.Failing;
import dev.tutti.coordinator.record.Metric;
import dev.tutti.coordinator.record.RunEvent;
import dev.tutti.coordinator.record.RunObserver;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the {@link Metric}s of a run to an event file of TensorBoard while it trains. A run that
 * goes on after a stop begins another file in the same folder; TensorBoard reads both as one. A
 * disk that cannot take an event does not stop the training.
 */
public final class TensorBoardLog implements RunObserver {
    private static final double MILLIS = 1e3;

    private final Path folder;
    private final boolean labelled;
    private final long firstStep;
    private final InstantSource clock;
    private final Failing events;
    private @Nullable FileChannel file;

    /**
     * Makes the log; its file begins with the first event.
     *
     * @param labelled whether accuracies mean something
     * @param firstStep steps behind the weights that the run goes on with
     */
    public TensorBoardLog(
            Path folder,
            boolean labelled,
            long firstStep,
            InstantSource clock,
            Consumer<String> warn) {
        this.folder = folder;
        this.labelled = labelled;
        this.firstStep = firstStep;
        this.clock = clock;
        this.events = new Failing(warn);
    }

    @Override
    public void on(RunEvent event) {
        try {
            if (event instanceof RunEvent.WentBack(var step, _, _, _)) {
                write(EventRecord.start(seconds(), step + 1));
            } else if (event instanceof RunEvent.Ended) {
                close();
            } else {
                write(event);
            }
        } catch (IOException e) {
            events.fails(
                    "an event for TensorBoard could not be written: %s; training goes on without"
                            .formatted(Reason.of(e)));
        }
    }

    private void write(RunEvent event) throws IOException {
        var values = new LinkedHashMap<String, Double>();
        Metric.of(event, labelled).forEach((metric, value) -> values.put(metric.text(), value));
        if (!values.isEmpty()) {
            write(EventRecord.scalars(seconds(), Metric.step(event), values));
        }
    }

    private void write(ByteBuffer event) throws IOException {
        var out = file;
        if (out == null) {
            out = open();
            file = out;
        }
        append(event, out);
        events.works();
    }

    private FileChannel open() throws IOException {
        var opened = create();
        try {
            append(EventRecord.version(seconds()), opened);
            if (firstStep > 0) {
                append(EventRecord.start(seconds(), firstStep + 1), opened);
            }
            return opened;
        } catch (IOException e) {
            // The next event tries again, with another file.
            opened.close();
            throw e;
        }
    }

    /**
     * Makes a file whose name is behind those that are there: TensorBoard reads them in the order
     * of their names.
     */
    private FileChannel create() throws IOException {
        var second = clock.instant().getEpochSecond();
        for (var number = 0; ; number++) {
            var path =
                    folder.resolve("events.out.tfevents.%010d.tutti.%d".formatted(second, number));
            if (!path.toFile().exists()) {
                return FileChannel.open(
                        path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            }
        }
    }

    /** Adds a whole event, or nothing: a reader gives up at half an event. */
    private static void append(ByteBuffer event, FileChannel out) throws IOException {
        var before = out.position();
        try {
            while (event.hasRemaining()) {
                out.write(event);
            }
        } catch (IOException e) {
            out.truncate(before);
            throw e;
        }
    }

    private void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }

    private double seconds() {
        return clock.millis() / MILLIS;
    }
}
