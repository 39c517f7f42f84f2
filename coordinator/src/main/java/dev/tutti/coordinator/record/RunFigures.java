package dev.tutti.coordinator.record;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tutti.common.average.Totals;
import dev.tutti.common.step.run.Part;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What a run's summary has counted so far, and how long its files are: the part of a checkpoint
 * that no bit of the weights follows from.
 *
 * @param kernels of the workers
 * @param workers numbers of those that computed
 * @param processes worker processes that came over the network
 * @param ledger closed epochs
 * @param evaluations the latest of each part
 * @param stepsBytes length of {@code steps.jsonl}
 * @param epochsBytes length of {@code epochs.jsonl}
 * @param port that the workers know, 0 within one process
 */
public record RunFigures(
        SortedSet<String> kernels,
        SortedSet<Integer> workers,
        int processes,
        long steps,
        long samples,
        Totals epochTotals,
        @Nullable Double trainLoss,
        Map<Part, Totals> evaluations,
        List<RunSummary.LedgerLine> ledger,
        StepTimes.Saved times,
        int lostWorkers,
        int reassignedShards,
        long sentBytes,
        long receivedBytes,
        long stepsBytes,
        long epochsBytes,
        int port)
        implements JsonText.Fields {
    /** The figures of a run that has not begun. */
    public static final RunFigures NONE =
            new RunFigures(
                    Collections.emptySortedSet(),
                    Collections.emptySortedSet(),
                    0,
                    0,
                    0,
                    Totals.NONE,
                    null,
                    Map.of(),
                    List.of(),
                    StepTimes.Saved.NONE,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0);

    public String toJson() {
        return JsonText.of(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("kernels");
        for (var kernel : kernels) {
            json.writeString(kernel);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("workers");
        for (var worker : workers) {
            json.writeNumber(worker);
        }
        json.writeEndArray();
        json.writeNumberField("processes", processes);
        json.writeNumberField("steps", steps);
        json.writeNumberField("samples", samples);
        write(json, "epochTotals", epochTotals);
        JsonText.writeNumber(json, "trainLoss", trainLoss);
        json.writeObjectFieldStart("evaluations");
        for (var evaluation : evaluations.entrySet()) {
            write(json, evaluation.getKey().name(), evaluation.getValue());
        }
        json.writeEndObject();
        json.writeArrayFieldStart("ledger");
        for (var line : ledger) {
            JsonText.writeObject(json, line::write);
        }
        json.writeEndArray();
        JsonText.writeObject(json, "times", times);
        json.writeNumberField("lostWorkers", lostWorkers);
        json.writeNumberField("reassignedShards", reassignedShards);
        json.writeNumberField("sentBytes", sentBytes);
        json.writeNumberField("receivedBytes", receivedBytes);
        json.writeNumberField("stepsBytes", stepsBytes);
        json.writeNumberField("epochsBytes", epochsBytes);
        json.writeNumberField("port", port);
    }

    private static void write(JsonGenerator out, String name, Totals totals) throws IOException {
        JsonText.writeObject(
                out,
                name,
                json -> {
                    json.writeNumberField("samples", totals.samples());
                    json.writeNumberField("loss", totals.loss());
                    json.writeNumberField("correct", totals.correct());
                    json.writeNumberField("sampleHash", totals.sampleHash());
                });
    }

    public static RunFigures parse(String json) {
        return RecordJson.parse("the checkpoint's figures", json, RunFigures.class);
    }
}
