package dev.tutti.deploy.predict;

import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.numpy.NpzWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Predictions as arrays of NumPy. {@code prediction} has the class of each sample, or its real
 * values; {@code outputs} or {@code probabilities}, samples × classes, have what {@code classes}
 * names. A column that is carried through is an array of its own. Classes and columns are whole
 * numbers if all are, or else numbers, or else texts. A sample without an answer is NaN, or an
 * empty text.
 */
final class PredictionArrays implements PredictionWriter {
    private static final String PREDICTION = "prediction";
    private static final String CLASSES = "classes";

    /** A number that begins with 0, such as a code of a town, is a text. */
    private static final Pattern WHOLE = Pattern.compile("0|-?[1-9]\\d{0,17}");

    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(?:0|[1-9]\\d*)?(?:\\.\\d*)?(?:[eE][-+]?\\d{1,3})?");

    private final List<String> keep;
    private final Answers answers;
    private final int count;
    private final OutputStream out;
    private final List<List<String>> kept;
    private final List<String> classes = new ArrayList<>();
    private final MemorySegment values; // samples × names
    private int samples;

    PredictionArrays(List<String> keep, Answers answers, int count, OutputStream out) {
        this.keep = List.copyOf(keep);
        this.answers = answers;
        this.count = count;
        this.out = out;
        this.kept = keep.stream().<List<String>>map(_ -> new ArrayList<>()).toList();
        this.values = Floats.allocate(Arena.ofAuto(), (long) count * answers.names().size());
        PredictionWriter.requireDifferent(keep, names());
    }

    private List<String> names() {
        return answers.ofClasses()
                ? List.of(PREDICTION, answers.valuesName(), CLASSES)
                : List.of(PREDICTION);
    }

    @Override
    public void begin() {
        // An archive has its arrays whole, one behind the other.
    }

    @Override
    public void add(List<String> cells, Optional<Answers.Answer> answer) {
        for (var k = 0; k < kept.size(); k++) {
            kept.get(k).add(cells.get(k));
        }
        if (answers.ofClasses()) {
            classes.add(answer.flatMap(Answers.Answer::prediction).orElse(""));
        }
        var width = answers.names().size();
        for (var k = 0; k < width; k++) {
            var value = answer.isPresent() ? answer.get().values().get(k) : Float.NaN;
            Floats.set(values, (long) samples * width + k, value);
        }
        samples++;
    }

    @Override
    public void end() throws IOException {
        var width = answers.names().size();
        try (var npz = new NpzWriter(out)) {
            for (var k = 0; k < keep.size(); k++) {
                write(keep.get(k), kept.get(k), npz);
            }
            if (answers.ofClasses()) {
                write(PREDICTION, classes, npz);
                npz.floats(answers.valuesName(), List.of(count, width), values);
                write(CLASSES, answers.names(), npz);
            } else {
                npz.floats(PREDICTION, width == 1 ? List.of(count) : List.of(count, width), values);
            }
        }
    }

    /** Writes cells as the plainest array that holds them; an empty one is missing. */
    private static void write(String name, List<String> cells, NpzWriter npz) throws IOException {
        if (cells.stream().allMatch(cell -> WHOLE.matcher(cell).matches())) {
            npz.wholes(name, cells.stream().mapToLong(Long::parseLong).toArray());
        } else if (areNumbers(cells)) {
            npz.doubles(name, cells.stream().mapToDouble(PredictionArrays::number).toArray());
        } else {
            npz.texts(name, cells);
        }
    }

    private static boolean areNumbers(List<String> cells) {
        return cells.stream().anyMatch(cell -> !cell.isEmpty())
                && cells.stream().allMatch(PredictionArrays::isNumber);
    }

    private static boolean isNumber(String cell) {
        return cell.isEmpty()
                || (NUMBER.matcher(cell).matches() && cell.chars().anyMatch(Character::isDigit));
    }

    private static double number(String cell) {
        return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
    }
}
