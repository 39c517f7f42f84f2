package dev.tutti.deploy.checks;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Targets that are the same for every training sample. */
public final class NothingToLearn {
    private NothingToLearn() {}

    /**
     * Looks at the training samples' targets.
     *
     * @param train at least two rows, or nothing is looked at
     * @return a warning, if some columns of real values never change
     * @throws DataException if no target ever changes
     */
    public static Optional<String> lookAt(Dataset dataset, int[] train) {
        if (train.length < 2) {
            return Optional.empty();
        }
        return switch (dataset.targets()) {
            case Targets.Labels(var names, var labels) -> {
                requireTwoClasses(dataset.name(), names, labels, train);
                yield Optional.empty();
            }
            case Targets.Values(var names, var values) ->
                    lookAt(dataset.name(), names, values, train);
        };
    }

    private static void requireTwoClasses(
            String name, List<String> classes, MemorySegment labels, int[] train) {
        var first = labels.getAtIndex(JAVA_INT, train[0]);
        if (IntStream.of(train).allMatch(row -> labels.getAtIndex(JAVA_INT, row) == first)) {
            throw new DataException(
                    "%s: all %d training samples are of one class, %s: there is nothing to learn; choose another target, or data with more classes"
                            .formatted(name, train.length, classes.get(first)));
        }
    }

    private static Optional<String> lookAt(
            String name, List<String> columns, MemorySegment values, int[] train) {
        var constant = new ArrayList<String>();
        for (var column = 0; column < columns.size(); column++) {
            if (isConstant(values, columns.size(), column, train)) {
                constant.add(columns.get(column));
            }
        }
        if (constant.size() == columns.size()) {
            throw new DataException(
                    "%s: the target %s is the same in all %d training samples: there is nothing to learn; choose another target"
                            .formatted(name, String.join(", ", constant), train.length));
        }
        return constant.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "%s: the target %s is the same in all %d training samples: there is nothing to learn of it"
                                .formatted(name, String.join(", ", constant), train.length));
    }

    private static boolean isConstant(MemorySegment values, int width, int column, int[] train) {
        var first = Floats.get(values, (long) train[0] * width + column);
        return IntStream.of(train)
                .allMatch(row -> Floats.get(values, (long) row * width + column) == first);
    }
}
