package dev.tutti.coordinator.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.coordinator.file.LineFile;
import dev.tutti.coordinator.file.RecordJson;
import dev.tutti.coordinator.file.RunFiles;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.io.StringWriter;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes a line of {@code steps.jsonl} for each step, and one of {@code epochs.jsonl} for each
 * validation; times are in milliseconds. A disk that cannot take a line does not stop the training.
 *
 * <p>A line is written field by field: to find the fields of records by reflection, as {@link
 * RecordJson} does, takes longer than the rest of a run's first step.
 */
public final class StepLog implements RunObserver {
    private static final JsonFactory JSON = new JsonFactory();

    private final RunFiles files;
    private final RunFigures figures;
    private final Supplier<String> digest;
    private final int digestEvery;
    private final Failing lines;

    /**
     * Makes the log.
     *
     * @param figures of the run; they observe each event before this log does
     * @param digest computes the weights' digest
     * @param digestEvery steps between two digests; 0 for none
     */
    public StepLog(
            RunFiles files,
            RunFigures figures,
            Supplier<String> digest,
            int digestEvery,
            Consumer<String> warn) {
        this.files = files;
        this.figures = figures;
        this.digest = digest;
        this.digestEvery = digestEvery;
        this.lines = new Failing(warn);
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunEvent.StepTaken step) {
            append(files.steps(), json -> write(step, json));
        } else if (event instanceof RunEvent.Evaluated(var step, var epoch, var part, _)
                && part == Part.VALIDATION) {
            append(files.epochs(), json -> write(epoch, step, json));
        } else if (event instanceof RunEvent.WentBack(_, var then, _, _)) {
            lines.cut(files.steps(), then.stepsBytes());
            lines.cut(files.epochs(), then.epochsBytes());
        }
    }

    private void write(RunEvent.StepTaken taken, JsonGenerator json) throws IOException {
        var report = taken.report();
        json.writeNumberField("step", report.step());
        json.writeNumberField("epoch", report.epoch());
        json.writeNumberField("loss", report.totals().meanLoss());
        json.writeNumberField("samples", report.totals().samples());
        json.writeNumberField("rate", report.rate());
        json.writeObjectFieldStart("millis");
        json.writeNumberField("total", StepTimes.millis(taken.totalNanos()));
        json.writeNumberField("collect", StepTimes.millis(taken.collectNanos()));
        json.writeNumberField("compute", StepTimes.millis(report.computeNanos()));
        json.writeNumberField("apply", StepTimes.millis(taken.applyNanos()));
        json.writeEndObject();
        json.writeNumberField("hiddenTransfer", report.hiddenFraction());
        json.writeNumberField("sentBytes", taken.sentBytes());
        json.writeNumberField("receivedBytes", taken.receivedBytes());
        if (report.schedule().isPresent()) {
            write(report.schedule().get(), report.virtualBytes(), json);
        }
        json.writeArrayFieldStart("contributions");
        for (var share : report.shares()) {
            write(share, json);
        }
        json.writeEndArray();
        var isDigestDue = digestEvery > 0 && report.step() % digestEvery == 0;
        json.writeStringField("digest", isDigestDue ? digest.get() : null);
    }

    private static void write(StepTasks schedule, long bytes, JsonGenerator json)
            throws IOException {
        json.writeNumberField("virtualSeconds", schedule.nanos() / 1e9);
        json.writeNumberField("virtualBytes", bytes);
        json.writeArrayFieldStart("tasks");
        for (var task : schedule.tasks()) {
            json.writeStartArray();
            json.writeNumber(task.worker());
            json.writeNumber(task.batch());
            json.writeNumber(task.version());
            json.writeEndArray();
        }
        json.writeEndArray();
    }

    private static void write(StepReport.Share share, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeNumberField("worker", share.worker().number());
        json.writeArrayFieldStart("shards");
        json.writeNumber(share.shards().from());
        json.writeNumber(share.shards().to());
        json.writeEndArray();
        json.writeNumberField("attempt", share.attempt());
        json.writeNumberField("samples", share.samples());
        json.writeNumberField("computeMillis", StepTimes.millis(share.computeNanos()));
        json.writeEndObject();
    }

    private void write(int epoch, long step, JsonGenerator json) throws IOException {
        json.writeNumberField("epoch", epoch);
        json.writeNumberField("step", step);
        write("trainLoss", figures.trainLoss(), json);
        write("validationLoss", figures.loss(Part.VALIDATION), json);
        write("validationAccuracy", figures.accuracy(Part.VALIDATION), json);
        json.writeStringField("digest", digest.get());
    }

    private static void write(String name, @Nullable Double value, JsonGenerator json)
            throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value);
        }
    }

    /** Writes the fields of a line. */
    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private void append(LineFile out, Fields line) {
        try {
            var text = new StringWriter();
            try (var json = JSON.createGenerator(text)) {
                json.writeStartObject();
                line.write(json);
                json.writeEndObject();
            }
            out.append(text.toString());
            lines.works();
        } catch (IOException e) {
            lines.fails(
                    "a line of the step log could not be written: %s; training goes on without"
                            .formatted(Reason.of(e)));
        }
    }
}
