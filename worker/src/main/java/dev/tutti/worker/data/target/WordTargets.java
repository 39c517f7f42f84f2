package dev.tutti.worker.data.target;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.TargetKind;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A target of words, one a sample: classes in the order of their characters.
 *
 * @param name what messages call it
 * @param words one for each sample
 */
public record WordTargets(String name, List<String> words) {
    /** Copies the list. */
    public WordTargets {
        words = List.copyOf(words);
    }

    /**
     * Returns the targets as classes.
     *
     * @throws DataException if real values are wanted, or a word is none of a model's classes
     */
    public Targets toTargets(DataOptions options, Arena arena) {
        if (options.kind() == TargetKind.VALUES) {
            throw new DataException(
                    "target %s of sample 0 is \"%s\", expected a real value"
                            .formatted(name, words.isEmpty() ? "" : words.getFirst()));
        }
        var names =
                options.classes().isEmpty()
                        ? words.stream().distinct().sorted().toList()
                        : options.classes();
        var places =
                IntStream.range(0, names.size())
                        .boxed()
                        .collect(Collectors.toMap(names::get, i -> i));
        var labels = arena.allocate((long) words.size() * Integer.BYTES, Floats.ALIGNMENT_BYTES);
        for (var row = 0; row < words.size(); row++) {
            var place = places.get(words.get(row));
            if (place == null) {
                throw new DataException(
                        "target %s of sample %d is \"%s\", expected one of the classes %s"
                                .formatted(name, row, words.get(row), String.join(", ", names)));
            }
            labels.setAtIndex(JAVA_INT, row, place);
        }
        return new Targets.Labels(names, labels);
    }
}
