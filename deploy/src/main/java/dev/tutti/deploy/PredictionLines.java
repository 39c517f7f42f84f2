package dev.tutti.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Predictions as lines of text, one for each row; a row without an answer has empty cells, or null.
 *
 * @param keep names of the columns that are carried through
 */
record PredictionLines(PredictionFormat format, List<String> keep, Answers answers) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PREDICTION = "prediction";

    /** Copies the list and refuses two columns of one name. */
    PredictionLines {
        keep = List.copyOf(keep);
        var names = new ArrayList<>(keep);
        if (answers.ofClasses()) {
            names.add(PREDICTION);
        }
        if (format == PredictionFormat.CSV || !answers.ofClasses()) {
            names.addAll(answers.names());
        } else {
            names.add(valuesName(answers));
        }
        for (var column : keep) {
            PreparedRun.require(
                    names.indexOf(column) == names.lastIndexOf(column),
                    "--keep %s: the predictions would have two columns of this name; leave it out, or rename the column"
                            .formatted(column));
        }
    }

    /** Returns the line of names, if the format has one. */
    Optional<String> first() {
        if (format == PredictionFormat.JSONL) {
            return Optional.empty();
        }
        var names = new ArrayList<>(keep);
        if (answers.ofClasses()) {
            names.add(PREDICTION);
        }
        names.addAll(answers.names());
        return Optional.of(csv(names));
    }

    /**
     * Returns the line of one row.
     *
     * @param kept cells that are carried through
     * @param answer nothing if a value is missing
     */
    String line(List<String> kept, Optional<Answers.Answer> answer) {
        return switch (format) {
            case CSV -> csv(cells(kept, answer));
            case JSONL -> json(object(kept, answer));
        };
    }

    private List<String> cells(List<String> kept, Optional<Answers.Answer> answer) {
        var cells = new ArrayList<>(kept);
        if (answers.ofClasses()) {
            cells.add(answer.flatMap(Answers.Answer::prediction).orElse(""));
        }
        for (var k = 0; k < answers.names().size(); k++) {
            var place = k;
            cells.add(answer.map(found -> found.values().get(place).toString()).orElse(""));
        }
        return cells;
    }

    private Map<String, @Nullable Object> object(
            List<String> kept, Optional<Answers.Answer> answer) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        for (var k = 0; k < keep.size(); k++) {
            object.put(keep.get(k), kept.get(k));
        }
        var values = new LinkedHashMap<String, @Nullable Object>();
        for (var k = 0; k < answers.names().size(); k++) {
            values.put(
                    answers.names().get(k),
                    answer.isPresent() ? answer.get().values().get(k) : null);
        }
        if (answers.ofClasses()) {
            object.put(PREDICTION, answer.flatMap(Answers.Answer::prediction).orElse(null));
            object.put(valuesName(answers), answer.isPresent() ? values : null);
        } else {
            object.putAll(values);
        }
        return object;
    }

    private static String valuesName(Answers answers) {
        return answers.probabilities() ? "probabilities" : "outputs";
    }

    private static String json(Map<String, @Nullable Object> object) {
        try {
            return JSON.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are not written as JSON", e);
        }
    }

    private static String csv(List<String> cells) {
        return cells.stream().map(PredictionLines::quote).collect(Collectors.joining(","));
    }

    private static String quote(String cell) {
        return cell.matches("[^\",\\r\\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
