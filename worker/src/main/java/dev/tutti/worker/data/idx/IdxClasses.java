package dev.tutti.worker.data.idx;

import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.source.SourceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The names of labels that count up by one.
 *
 * @param first the label of the first name; none if the labels found say it
 * @param names none to name labels by their number
 */
record IdxClasses(Optional<Integer> first, List<String> names) {
    private static final Pattern MAPPED = Pattern.compile("(\\d{1,3})((?:\\s+\\d{1,7})+)");

    /** Copies the names. */
    IdxClasses {
        names = List.copyOf(names);
    }

    /** Returns names of the labels from 0 on. */
    static IdxClasses fromZero(List<String> names) {
        return new IdxClasses(Optional.of(0), names);
    }

    /** Returns a model's classes, which are numbers or other names; none if there is no model. */
    static IdxClasses known(List<String> names) {
        var numbers = names.stream().allMatch(name -> name.matches("\\d{1,3}"));
        return new IdxClasses(
                names.isEmpty() || !numbers
                        ? Optional.empty()
                        : Optional.of(Integer.parseInt(names.getFirst())),
                names);
    }

    /**
     * Reads EMNIST's list of labels, each with the codes of its characters.
     *
     * @throws DataException if a line is something else
     */
    static IdxClasses mapped(Path file) {
        try {
            var names = new ArrayList<String>();
            var first = 0;
            for (var line : Files.readAllLines(file)) {
                var text = MAPPED.matcher(line.strip());
                if (!text.matches()) {
                    throw unreadable(file, names.size());
                }
                var label = Integer.parseInt(text.group(1));
                first = names.isEmpty() ? label : first;
                if (label != first + names.size()) {
                    throw unreadable(file, names.size());
                }
                names.add(characters(file, names.size(), text.group(2).strip().split("\\s+")));
            }
            return new IdxClasses(Optional.of(first), names);
        } catch (IOException e) {
            throw new SourceFile(file).refused(e);
        }
    }

    private static String characters(Path file, int line, String[] codes) {
        var text = new StringBuilder();
        for (var code : codes) {
            var character = Integer.parseInt(code);
            if (!Character.isValidCodePoint(character)) {
                throw unreadable(file, line);
            }
            text.appendCodePoint(character);
        }
        return text.toString();
    }

    private static DataException unreadable(Path file, int line) {
        return new SourceFile(file)
                .refused(
                        "line %d: expected a label, one more than that above, and the codes of its characters"
                                .formatted(line + 1));
    }

    /** Returns these names or, if there are none, the numbers of the labels found. */
    IdxClasses resolved(int min, int max) {
        var start = first.orElse(min == 1 ? 1 : 0);
        return new IdxClasses(
                Optional.of(start),
                names.isEmpty()
                        ? IntStream.rangeClosed(start, max).mapToObj(Integer::toString).toList()
                        : names);
    }

    /** Returns the place of a label among the names; −1 if it has none. */
    int indexOf(int label) {
        var index = label - first.orElse(0);
        return index < names.size() ? Math.max(index, -1) : -1;
    }
}
