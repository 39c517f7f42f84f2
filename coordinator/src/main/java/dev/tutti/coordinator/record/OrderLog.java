package dev.tutti.coordinator.record;

import dev.tutti.coordinator.file.LineFile;
import dev.tutti.coordinator.file.OrderFile;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.util.function.Consumer;

/** Writes down in which order gradients came, a line for each step that is not there yet. */
public final class OrderLog implements RunObserver {
    private final LineFile file;
    private final Failing lines;
    private long written;

    /**
     * Makes the log.
     *
     * @param written steps that the file has already
     */
    public OrderLog(LineFile file, long written, Consumer<String> warn) {
        this.file = file;
        this.written = written;
        this.lines = new Failing(warn);
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunEvent.StepTaken taken && taken.report().step() == written + 1) {
            try {
                file.append(
                        OrderFile.line(
                                taken.report().step(), taken.report().schedule().orElseThrow()));
                written++;
                lines.works();
            } catch (IOException e) {
                lines.fails(
                        "the order of arrival could not be written: %s; the run can be replayed up to step %d alone"
                                .formatted(Reason.of(e), written));
            }
        }
    }
}
