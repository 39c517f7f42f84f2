package dev.tutti.deploy.predict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
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
 * @param json whether a line is a JSON object, and not cells with commas between them
 * @param keep names of the columns that are carried through
 */
record PredictionLines(boolean json, List<String> keep, Answers answers, PrintStream out)
        implements PredictionWriter {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PREDICTION = "prediction";

    /** Copies the list and refuses two columns of one name. */
    PredictionLines {
        keep = List.copyOf(keep);
        var names = new ArrayList<String>();
        if (answers.ofClasses()) {
            names.add(PREDICTION);
        }
        if (json && answers.ofClasses()) {
            names.add(answers.valuesName());
        } else {
            names.addAll(answers.names());
        }
        PredictionWriter.requireDifferent(keep, names);
    }

    @Override
    public void begin() {
        if (json) {
            return;
        }
        var names = new ArrayList<>(keep);
        if (answers.ofClasses()) {
            names.add(PREDICTION);
        }
        names.addAll(answers.names());
        out.println(csv(names));
    }

    @Override
    public void add(List<String> kept, Optional<Answers.Answer> answer) {
        out.println(json ? json(object(kept, answer)) : csv(cells(kept, answer)));
    }

    @Override
    public void end() {
        out.flush();
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
            object.put(answers.valuesName(), answer.isPresent() ? values : null);
        } else {
            object.putAll(values);
        }
        return object;
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
