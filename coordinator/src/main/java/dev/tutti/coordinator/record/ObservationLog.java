package dev.tutti.coordinator.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tutti.common.average.observe.Agreement;
import dev.tutti.common.average.observe.GradientDigests;
import dev.tutti.common.average.observe.Observation;
import dev.tutti.common.average.observe.Proof;
import dev.tutti.common.average.observe.Shadow;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.coordinator.file.LineFile;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Writes what was seen of steps: a line of {@code observations.jsonl} for each that was looked at
 * or proved, and one of {@code digests.jsonl} for each whose digests are recorded. It tells of each
 * look in a line, and warns of a proof that fails.
 */
public final class ObservationLog implements RunObserver {
    /** Shards up to which each one's figures are written; of more, only their spread. */
    private static final int SHARDS_WRITTEN_MAX = 64;

    private static final JsonFactory JSON = new JsonFactory();

    private final Optional<LineFile> observations;
    private final Optional<LineFile> digests;
    private final RunFigures figures;
    private final List<String> layers;
    private final Consumer<RunEvent> tell;
    private final Failing lines;

    /**
     * Makes the log of a run.
     *
     * @param observations where steps go that are looked at or proved, if any are
     * @param digests where digests go, if they are recorded
     * @param figures of the run; they observe each event before this log does
     * @param layers names, and one for the statistics behind them if there are any
     * @param tell takes lines and warnings
     */
    public ObservationLog(
            Optional<LineFile> observations,
            Optional<LineFile> digests,
            RunFigures figures,
            List<String> layers,
            Consumer<RunEvent> tell) {
        this.observations = observations;
        this.digests = digests;
        this.figures = figures;
        this.layers = layers;
        this.tell = tell;
        this.lines = new Failing(line -> tell.accept(new RunEvent.Warned(line)));
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunEvent.StepTaken taken) {
            taken.report().observation().ifPresent(seen -> write(taken.report(), seen));
        } else if (event instanceof RunEvent.WentBack(_, var then, _, _)) {
            observations.ifPresent(file -> lines.cut(file, then.observationsBytes()));
            digests.ifPresent(file -> lines.cut(file, then.digestsBytes()));
        }
    }

    private void write(StepReport report, Observation seen) {
        if (seen.seen().isPresent() || seen.proof().isPresent()) {
            observations.ifPresent(file -> append(file, json -> write(report, seen, json)));
        }
        seen.digests()
                .ifPresent(known ->
                        digests.ifPresent(
                                file -> append(file, json -> write(report, seen, known, json))));
        seen.seen()
                .ifPresent(look ->
                        tell.accept(new RunEvent.Observed(report.step(), line(report, look))));
        seen.proof()
                .filter(proof -> !proof.refuted().isEmpty())
                .ifPresent(
                        proof -> tell.accept(new RunEvent.Warned(refuted(report.step(), proof))));
    }

    private String line(StepReport report, Observation.Seen seen) {
        var cosines = seen.whole().cosines().stream().sorted().toList();
        return "step %d: cosines to the mean %.2f to %.2f, median %.2f; %s"
                .formatted(
                        report.step(),
                        cosines.getFirst(),
                        cosines.getLast(),
                        median(cosines),
                        figures.noise().advice(report.totals().samples()));
    }

    private String refuted(long step, Proof proof) {
        return "step %d is not proved: the mean of the shards is not the gradient of the whole batch in %s; rounding explains less: a worker or its kernel computes something else"
                .formatted(
                        step,
                        proof.refuted().stream()
                                .map(i ->
                                        "layer %s (off by %.1e, at most %.1e expected)"
                                                .formatted(
                                                        layers.get(i),
                                                        proof.layers().get(i).error(),
                                                        proof.layers().get(i).bound()))
                                .collect(Collectors.joining(", ")));
    }

    private void write(StepReport report, Observation seen, JsonGenerator json) throws IOException {
        json.writeNumberField("step", report.step());
        json.writeNumberField("batch", report.totals().samples());
        json.writeNumberField("shards", seen.workers().size());
        if (seen.workers().size() <= SHARDS_WRITTEN_MAX) {
            write("workers", seen.workers(), json);
        }
        if (seen.seen().isPresent()) {
            write(seen.seen().get(), json);
        }
        if (seen.proof().isPresent()) {
            write(seen.proof().get(), json);
        }
    }

    private void write(Observation.Seen seen, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("whole");
        write(seen.whole(), figures.noise(), json);
        json.writeEndObject();
        json.writeArrayFieldStart("layers");
        for (var i = 0; i < seen.layers().size(); i++) {
            json.writeStartObject();
            json.writeStringField("layer", layers.get(i));
            write(seen.layers().get(i), figures.noise(i), json);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("rules");
        for (var shadow : seen.shadows()) {
            write(shadow, json);
        }
        json.writeEndArray();
    }

    private static void write(Agreement seen, NoiseScale noise, JsonGenerator json)
            throws IOException {
        json.writeNumberField("meanNorm", seen.meanNorm());
        if (seen.norms().size() <= SHARDS_WRITTEN_MAX) {
            json.writeArrayFieldStart("norms");
            for (var norm : seen.norms()) {
                json.writeNumber(norm);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("cosines");
            for (var cosine : seen.cosines()) {
                json.writeNumber(cosine);
            }
            json.writeEndArray();
        }
        var cosines = seen.cosines().stream().sorted().toList();
        json.writeNumberField("cosineMin", cosines.getFirst());
        json.writeNumberField("cosineMedian", median(cosines));
        json.writeNumberField("cosineMax", cosines.getLast());
        writeKnown("variance", seen.variance(), json);
        writeKnown("squaredNorm", seen.squaredNorm(), json);
        writeKnown("noiseScale", noise.samples(), json);
        json.writeBooleanField("noiseDominates", noise.isNoise());
    }

    private void write(Shadow shadow, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("rule", shadow.rule());
        json.writeBooleanField("ofRun", shadow.isOfRun());
        json.writeNumberField("cosine", shadow.whole().cosine());
        json.writeNumberField("distance", shadow.whole().distance());
        json.writeArrayFieldStart("layers");
        for (var i = 0; i < shadow.layers().size(); i++) {
            json.writeStartObject();
            json.writeStringField("layer", layers.get(i));
            json.writeNumberField("cosine", shadow.layers().get(i).cosine());
            json.writeNumberField("distance", shadow.layers().get(i).distance());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void write(Proof proof, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("proof");
        json.writeBooleanField("holds", proof.refuted().isEmpty());
        json.writeNumberField("error", proof.error());
        json.writeArrayFieldStart("layers");
        for (var i = 0; i < proof.layers().size(); i++) {
            json.writeStartObject();
            json.writeStringField("layer", layers.get(i));
            json.writeNumberField("error", proof.layers().get(i).error());
            json.writeNumberField("bound", proof.layers().get(i).bound());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void write(
            StepReport report, Observation seen, GradientDigests known, JsonGenerator json)
            throws IOException {
        json.writeNumberField("step", report.step());
        json.writeStringField("root", hex(known.root()));
        write("workers", seen.workers(), json);
        json.writeArrayFieldStart("layers");
        for (var i = 0; i < known.leaves().getFirst().size(); i++) {
            json.writeString(layers.get(i));
        }
        json.writeEndArray();
        json.writeArrayFieldStart("leaves");
        for (var shard : known.leaves()) {
            json.writeStartArray();
            for (var leaf : shard) {
                json.writeString(hex(leaf));
            }
            json.writeEndArray();
        }
        json.writeEndArray();
    }

    private static void write(String name, List<Integer> numbers, JsonGenerator json)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (var number : numbers) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }

    private static void writeKnown(String name, double value, JsonGenerator json)
            throws IOException {
        if (Double.isNaN(value)) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value);
        }
    }

    private static String hex(long hash) {
        return "%016x".formatted(hash);
    }

    private static double median(List<Double> sorted) {
        var middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
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
                    "a line of what was seen could not be written: %s; training goes on without"
                            .formatted(Reason.of(e)));
        }
    }
}
