package dev.tutti.deploy.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.coordinator.checkpoint.Safekeeping;
import dev.tutti.coordinator.file.RecordJson;
import dev.tutti.coordinator.file.RunFiles;
import dev.tutti.coordinator.record.RunSummary;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.report.html.Moment.Measured;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A run as its folder tells it; it need not be over.
 *
 * @param folder where it is
 * @param settings its options by their names
 * @param summary its final figures; none while it is not over
 * @param courses what it measured along its way, reduced to what a figure can show
 * @param observed what was seen of its gradients
 */
public record RecordedRun(
        Path folder,
        Map<String, String> settings,
        JsonNode summary,
        Map<Quantity, List<Measured>> courses,
        Observed observed) {
    /** The steps that a run took until its validation loss was below {@code --stop-below}. */
    public static final String STEPS_TO_TARGET = "stepsToTarget";

    private static final String CONFIGURATION = Safekeeping.CONFIGURATION;

    /**
     * Reads a folder.
     *
     * @throws UserException if it is not that of a run
     */
    public static RecordedRun read(Path folder) {
        for (var file : List.of(CONFIGURATION, RunFiles.STEPS)) {
            if (!Files.isRegularFile(folder.resolve(file))) {
                throw new UserException(
                        ExitCode.DATA,
                        "%s is not the folder of a run: it has no %s; give a folder that tutti train, coordinator or study made"
                                .formatted(folder, file));
            }
        }
        try {
            var settings = ConfigFile.read(folder.resolve(CONFIGURATION));
            var observations = new ArrayList<JsonNode>();
            var seen = folder.resolve(RunFiles.OBSERVATIONS);
            if (Files.exists(seen)) {
                eachLine(seen, observations::add);
            }
            return new RecordedRun(
                    folder,
                    settings,
                    withTarget(summary(folder), settings),
                    courses(folder, observations),
                    Observed.of(observations));
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.DATA, "cannot read %s: %s".formatted(folder, Reason.of(e, folder)));
        }
    }

    private static JsonNode summary(Path folder) throws IOException {
        var file = folder.resolve(RunSummary.FILE);
        return Files.exists(file)
                ? RecordJson.parse(file.toString(), Files.readString(file), JsonNode.class)
                : MissingNode.getInstance();
    }

    /** Adds when a run reached the loss at which it was to stop; it needs not have reached it. */
    private static JsonNode withTarget(JsonNode summary, Map<String, String> settings) {
        var target = settings.get("stop-below");
        if (target != null
                && summary instanceof ObjectNode figures
                && figures.path("validationLoss").isNumber()
                && figures.path("validationLoss").asDouble() < Double.parseDouble(target)) {
            figures.put(STEPS_TO_TARGET, figures.path("steps").asLong());
        }
        return summary;
    }

    private static Map<Quantity, List<Measured>> courses(Path folder, List<JsonNode> observations)
            throws IOException {
        var moments = new TreeMap<>(Map.of(0L, Moment.START));
        var training = new ArrayList<Measured>();
        eachLine(
                folder.resolve(RunFiles.STEPS),
                line -> {
                    var moment = after(moments.lastEntry().getValue(), line);
                    moments.put((long) moment.steps(), moment);
                    measure(line, "loss", moment, training);
                });
        var losses = new ArrayList<Measured>();
        var accuracies = new ArrayList<Measured>();
        var epochs = folder.resolve(RunFiles.EPOCHS);
        if (Files.exists(epochs)) {
            eachLine(
                    epochs,
                    line -> {
                        var step = Math.max(0, line.path("step").asLong());
                        var moment = moments.headMap(step, true).lastEntry().getValue();
                        measure(line, "validationLoss", moment, losses);
                        measure(line, "validationAccuracy", moment, accuracies);
                    });
        }
        var cosines = new ArrayList<Measured>();
        var scales = new ArrayList<Measured>();
        for (var line : observations) {
            var moment = moments.headMap(line.path("step").asLong(), true).lastEntry().getValue();
            measure(line.path("whole"), "cosineMedian", moment, cosines);
            measure(line.path("whole"), "noiseScale", moment, scales);
        }
        return Map.of(
                Quantity.COSINE,
                Course.reduced(cosines),
                Quantity.NOISE_SCALE,
                Course.reduced(scales),
                Quantity.TRAINING_LOSS,
                Course.reduced(training),
                Quantity.VALIDATION_LOSS,
                Course.reduced(losses),
                Quantity.VALIDATION_ACCURACY,
                Course.reduced(accuracies));
    }

    private static Moment after(Moment before, JsonNode line) {
        return new Moment(
                line.path("step").asLong(),
                before.samples() + line.path("samples").asDouble(),
                before.seconds() + line.path("millis").path("total").asDouble() / 1e3,
                line.path("virtualSeconds").asDouble(Double.NaN));
    }

    private static void measure(JsonNode line, String name, Moment at, List<Measured> out) {
        var value = line.path(name);
        if (value.isNumber()) {
            out.add(new Measured(at, value.asDouble()));
        }
    }

    /** Reads a file of lines; half a line at its end is what a run that still goes on writes. */
    private static void eachLine(Path file, Consumer<JsonNode> out) throws IOException {
        var text = Files.readString(file);
        var whole = text.substring(0, text.lastIndexOf('\n') + 1);
        var number = 0;
        for (var line : whole.lines().toList()) {
            number++;
            out.accept(RecordJson.parse("%s:%d".formatted(file, number), line, JsonNode.class));
        }
    }

    /** Returns the lines of one of its files by their steps; none if there is no such file. */
    public SortedMap<Long, JsonNode> lines(String name) {
        var lines = new TreeMap<Long, JsonNode>();
        var file = folder.resolve(name);
        try {
            if (Files.exists(file)) {
                eachLine(file, line -> lines.put(line.path("step").asLong(), line));
            }
            return lines;
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.DATA, "cannot read %s: %s".formatted(file, Reason.of(e, file)));
        }
    }

    /** Returns the name of its folder. */
    public String name() {
        var last = folder.toAbsolutePath().normalize().getFileName();
        return last == null ? folder.toString() : last.toString();
    }

    /** Returns a final figure; none if the run is not over, or has no such figure. */
    public OptionalDouble figure(String name) {
        var value = summary.path(name);
        return value.isNumber() ? OptionalDouble.of(value.asDouble()) : OptionalDouble.empty();
    }

    /** Returns a final figure as it is written in the summary. */
    public Optional<String> figureText(String name) {
        var value = summary.path(name);
        return value.isValueNode() && !value.isNull()
                ? Optional.of(value.asText())
                : Optional.empty();
    }
}
