package dev.tutti.deploy.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Standardization;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.step.compute.Baseline;
import dev.tutti.common.vector.Shape;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.proto.failure.Reason;
import dev.tutti.worker.data.source.Coding;
import dev.tutti.worker.data.source.Reading;
import dev.tutti.worker.data.table.CsvHeader;
import dev.tutti.worker.data.text.DecimalMark;
import dev.tutti.worker.data.text.Delimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a model file says beside its tensors: all that evaluating and predicting take.
 *
 * @param model layers as text
 * @param loss as text
 * @param input shape of one sample
 * @param outputs of the model
 * @param features names of the feature columns; none for images
 * @param targets names of the target columns; none for images
 * @param classes names of the classes; none for real values
 * @param coding how cells became features, fitted
 * @param data as it was named
 * @param seed of the run
 * @param validation fraction of the run
 * @param test fraction of the run
 * @param reading what was said of how the data is written, if it is a table of text
 * @param targetScaling of the targets, if the model was trained with standardised ones
 * @param baseline what the model must be better than; none in files of older versions
 */
public record ModelCard(
        String model,
        String loss,
        Shape input,
        int outputs,
        List<String> features,
        List<String> targets,
        List<String> classes,
        Coding coding,
        String data,
        long seed,
        double validation,
        double test,
        Reading reading,
        Optional<Standardization> targetScaling,
        Optional<Baseline> baseline) {
    private static final JsonFactory JSON = new JsonFactory();

    /** Returns the names of a dataset's classes; none for real values. */
    public static List<String> classesOf(Dataset dataset) {
        return switch (dataset.targets()) {
            case Targets.Labels labels -> labels.names();
            case Targets.Values _ -> List.of();
        };
    }

    /** Tells whether the data has columns with names, as a CSV file has. */
    public boolean columnar() {
        return !features.isEmpty();
    }

    /** Returns the coding of the features. */
    public FeatureCoding fitted() {
        return coding.fitted().orElseThrow();
    }

    Model buildModel() {
        return Model.of(Layers.CATALOGUE.parseList(model), input, outputs);
    }

    public Map<String, String> toMetadata() {
        var metadata = new TreeMap<String, String>();
        metadata.put("format", "pt");
        metadata.put("tutti.model", model);
        metadata.put("tutti.loss", loss);
        metadata.put("tutti.input", json(input.dimensions()));
        metadata.put("tutti.outputs", Integer.toString(outputs));
        metadata.put("tutti.features", json(features));
        metadata.put("tutti.targets", json(targets));
        metadata.put("tutti.classes", json(classes));
        metadata.put("tutti.data", data);
        metadata.put("tutti.seed", Long.toString(seed));
        metadata.put("tutti.validation", Double.toString(validation));
        metadata.put("tutti.test", Double.toString(test));
        if (reading.header() != CsvHeader.DETECT) {
            metadata.put("tutti.header", reading.header().name());
        }
        reading.delimiter().ifPresent(found -> metadata.put("tutti.delimiter", found.toString()));
        reading.encoding().ifPresent(given -> metadata.put("tutti.encoding", given.name()));
        reading.decimal().ifPresent(given -> metadata.put("tutti.decimal", given.name()));
        baseline.ifPresent(found -> metadata.put("tutti.baseline", json(found.answer())));
        CodingMetadata.write(coding, metadata);
        targetScaling.ifPresent(measured -> {
            metadata.put("tutti.target-means", json(measured.means()));
            metadata.put("tutti.target-deviations", json(measured.deviations()));
        });
        return metadata;
    }

    static ModelCard of(Map<String, String> metadata, String file) {
        try {
            var reader = new Reader(metadata);
            var features = reader.list("features", new TypeReference<List<String>>() {});
            return new ModelCard(
                    reader.text("model"),
                    reader.text("loss"),
                    new Shape(reader.list("input", new TypeReference<List<Integer>>() {})),
                    Integer.parseInt(reader.text("outputs")),
                    features,
                    reader.list("targets", new TypeReference<List<String>>() {}),
                    reader.list("classes", new TypeReference<List<String>>() {}),
                    CodingMetadata.read(metadata, features),
                    reader.text("data"),
                    Long.parseLong(reader.text("seed")),
                    Double.parseDouble(reader.text("validation")),
                    Double.parseDouble(reader.text("test")),
                    reader.reading(),
                    reader.has("target-means")
                            ? Optional.of(
                                    new Standardization(
                                            reader.list(
                                                    "target-means",
                                                    new TypeReference<List<Double>>() {}),
                                            reader.list(
                                                    "target-deviations",
                                                    new TypeReference<List<Double>>() {})))
                            : Optional.empty(),
                    reader.has("baseline")
                            ? Optional.of(
                                    new Baseline(
                                            reader.list(
                                                    "baseline",
                                                    new TypeReference<List<Double>>() {})))
                            : Optional.empty());
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new UserException(
                    ExitCode.DATA,
                    "%s is no model of tutti: %s; expected the model.safetensors of a run"
                            .formatted(file, Reason.of(e)));
        }
    }

    private record Reader(Map<String, String> metadata) {
        private static final ObjectMapper MAPPER = new ObjectMapper();

        boolean has(String key) {
            return metadata.containsKey("tutti." + key);
        }

        String text(String key) {
            var value = metadata.get("tutti." + key);
            if (value == null) {
                throw new IllegalArgumentException("its metadata lacks tutti." + key);
            }
            return value;
        }

        Optional<String> optional(String key) {
            return Optional.ofNullable(metadata.get("tutti." + key));
        }

        Reading reading() {
            return new Reading(
                    optional("header").map(CsvHeader::valueOf).orElse(CsvHeader.DETECT),
                    optional("delimiter").map(Delimiter::parse),
                    optional("decimal").map(DecimalMark::valueOf),
                    optional("encoding").map(Charset::forName),
                    // The features are named one by one.
                    List.of());
        }

        <T> List<T> list(String key, TypeReference<List<T>> type) throws JsonProcessingException {
            return MAPPER.readValue(text(key), type);
        }
    }

    /** Returns a list of texts or numbers as JSON. */
    private static String json(List<?> values) {
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            json.writeStartArray();
            for (var value : values) {
                json.writePOJO(value);
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot be written", e);
        }
        return text.toString();
    }
}
