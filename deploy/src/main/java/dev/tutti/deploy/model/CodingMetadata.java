package dev.tutti.deploy.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.Standardization;
import dev.tutti.worker.data.source.Coding;
import dev.tutti.worker.data.table.MissingTokens;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A coding as texts of a model's file; what is as ever is left out. */
final class CodingMetadata {
    private static final String ONE_HOT = "one-hot";
    private static final String INDEX = "index";

    /**
     * One column.
     *
     * @param form of categories: one-hot or index
     * @param fill number, or index of the category, of a missing value
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Entry(
            @Nullable String column,
            @Nullable String form,
            @Nullable List<@Nullable String> categories,
            @Nullable Double fill) {}

    /** Made for the first coding that has something to write: it takes a while. */
    private static final class Json {
        static final ObjectMapper MAPPER = new ObjectMapper();
    }

    private CodingMetadata() {}

    /** Adds the texts of a coding that is fitted. */
    static void write(Coding coding, Map<String, String> out) {
        var fitted = coding.fitted().orElseThrow();
        if (!fitted.isPlain()) {
            out.put(
                    "tutti.coding",
                    json(fitted.columns().stream().map(CodingMetadata::entry).toList()));
        }
        if (coding.missing() != MissingRule.REFUSE) {
            out.put("tutti.missing", coding.missing().toString());
        }
        if (!coding.tokens().equals(MissingTokens.STANDARD)) {
            out.put(
                    "tutti.missing-tokens",
                    json(coding.tokens().words().stream().sorted().toList()));
        }
        fitted.standardization()
                .ifPresent(measured -> {
                    out.put("tutti.means", json(measured.means()));
                    out.put("tutti.deviations", json(measured.deviations()));
                });
    }

    private static Entry entry(ColumnCoding coding) {
        return switch (coding) {
            case ColumnCoding.Numbers(var column, var fill) ->
                    new Entry(column, null, null, fill.isPresent() ? fill.getAsDouble() : null);
            case ColumnCoding.OneHot(var column, var categories, var fill) ->
                    new Entry(column, ONE_HOT, List.copyOf(categories), number(fill));
            case ColumnCoding.Index(var column, var categories, var fill) ->
                    new Entry(column, INDEX, List.copyOf(categories), number(fill));
        };
    }

    private static @Nullable Double number(OptionalInt fill) {
        return fill.isPresent() ? (double) fill.getAsInt() : null;
    }

    /**
     * Returns the coding that a model's file says.
     *
     * @param features names of the features; each is a column of numbers if nothing else is said
     * @throws IllegalArgumentException if it is none
     */
    static Coding read(Map<String, String> metadata, List<String> features)
            throws JsonProcessingException {
        var columns = columns(metadata, features);
        var means = metadata.get("tutti.means");
        Optional<Standardization> standardization =
                means == null
                        ? Optional.empty()
                        : Optional.of(
                                new Standardization(
                                        numbers(means),
                                        numbers(metadata.getOrDefault("tutti.deviations", ""))));
        var coding = new FeatureCoding(columns, standardization);
        if (!coding.featureNames().equals(features)) {
            throw new IllegalArgumentException("its coding does not give its features");
        }
        return new Coding(
                        MissingRule.valueOf(
                                metadata.getOrDefault("tutti.missing", "refuse")
                                        .toUpperCase(Locale.ROOT)),
                        tokens(metadata.get("tutti.missing-tokens")),
                        columns.stream().anyMatch(ColumnCoding.Index.class::isInstance),
                        standardization.isPresent(),
                        Optional.empty())
                .with(coding);
    }

    private static MissingTokens tokens(@Nullable String text) throws JsonProcessingException {
        return text == null
                ? MissingTokens.STANDARD
                : new MissingTokens(
                        Set.copyOf(
                                Json.MAPPER.readValue(text, new TypeReference<List<String>>() {})));
    }

    private static List<Double> numbers(String text) throws JsonProcessingException {
        return Json.MAPPER.readValue(text, new TypeReference<List<Double>>() {});
    }

    private static List<ColumnCoding> columns(Map<String, String> metadata, List<String> features)
            throws JsonProcessingException {
        var text = metadata.get("tutti.coding");
        if (text == null) {
            return features.stream()
                    .<ColumnCoding>map(
                            name -> new ColumnCoding.Numbers(name, OptionalDouble.empty()))
                    .toList();
        }
        return Json.MAPPER.readValue(text, new TypeReference<List<Entry>>() {}).stream()
                .map(CodingMetadata::coding)
                .toList();
    }

    private static ColumnCoding coding(Entry entry) {
        var fill = entry.fill();
        if (entry.column() == null || (fill != null && !Double.isFinite(fill))) {
            throw new IllegalArgumentException(
                    "its coding has a column without a name, or a fill that is no number");
        }
        if (entry.form() == null) {
            return new ColumnCoding.Numbers(
                    entry.column(),
                    fill == null ? OptionalDouble.empty() : OptionalDouble.of(fill));
        }
        var categories = categories(entry);
        var place = fill == null ? OptionalInt.empty() : OptionalInt.of(fill.intValue());
        if (place.isPresent() && (place.getAsInt() < 0 || place.getAsInt() >= categories.size())) {
            throw new IllegalArgumentException(
                    "its column %s has no category %d".formatted(entry.column(), place.getAsInt()));
        }
        return switch (entry.form()) {
            case ONE_HOT -> new ColumnCoding.OneHot(entry.column(), categories, place);
            case INDEX -> new ColumnCoding.Index(entry.column(), categories, place);
            default ->
                    throw new IllegalArgumentException(
                            "its column %s has the form \"%s\", expected %s or %s"
                                    .formatted(entry.column(), entry.form(), ONE_HOT, INDEX));
        };
    }

    private static List<String> categories(Entry entry) {
        var found = entry.categories();
        if (found == null || found.contains(null)) {
            throw new IllegalArgumentException(
                    "its column %s lacks categories".formatted(entry.column()));
        }
        return found.stream().map(String::valueOf).toList();
    }

    private static String json(Object value) {
        try {
            return Json.MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are not written as JSON", e);
        }
    }
}
