package dev.tutti.worker.data.target;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.source.DataOptions;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;

/** Several numbers a sample as its target: real values, or a class that is one-hot. */
final class MatrixTargets {
    private final List<String> names;
    private final double[] numbers; // samples × names

    MatrixTargets(List<String> names, double[] numbers) {
        this.names = names;
        this.numbers = numbers;
    }

    /**
     * Returns the targets as the options say; if they leave it open, one-hot rows are classes.
     *
     * @throws DataException if classes are wanted and a row is not one-hot, or a number is no
     *     finite float
     */
    Targets toTargets(DataOptions options, Arena arena) {
        return switch (options.kind()) {
            case VALUES, VALUES_OR_WORDS -> values(arena);
            case BY_VALUES -> firstNotOneHot() < 0 ? classes(options, arena) : values(arena);
            case CLASSES -> {
                var row = firstNotOneHot();
                if (row >= 0) {
                    throw new DataException(
                            ("targets %s of sample %d are not one-hot: classes are one number a"
                                            + " sample, or one-hot; for real values give --task"
                                            + " regression, or a loss such as mse")
                                    .formatted(String.join(", ", names), row));
                }
                yield classes(options, arena);
            }
        };
    }

    private int width() {
        return names.size();
    }

    private int count() {
        return numbers.length / width();
    }

    private int firstNotOneHot() {
        return IntStream.range(0, count()).filter(row -> hot(row) < 0).findFirst().orElse(-1);
    }

    /** Returns the column of a row's one, if all others are 0; otherwise −1. */
    private int hot(int row) {
        var hot = -1;
        for (var k = 0; k < width(); k++) {
            var number = numbers[row * width() + k];
            if (number == 1 && hot < 0) {
                hot = k;
            } else if (number != 0) {
                return -1;
            }
        }
        return hot;
    }

    private Targets classes(DataOptions options, Arena arena) {
        var labels = arena.allocate((long) count() * Integer.BYTES, Floats.ALIGNMENT_BYTES);
        for (var row = 0; row < count(); row++) {
            labels.setAtIndex(JAVA_INT, row, hot(row));
        }
        return new Targets.Labels(
                options.classes().size() == width()
                        ? options.classes()
                        : IntStream.range(0, width()).mapToObj(String::valueOf).toList(),
                labels);
    }

    private Targets values(Arena arena) {
        var values = Floats.allocate(arena, numbers.length);
        for (var i = 0; i < numbers.length; i++) {
            var value = (float) numbers[i];
            if (!Float.isFinite(value)) {
                throw new DataException(
                        "target %s of sample %d is %s: expected a number that a 32-bit float can hold"
                                .formatted(names.get(i % width()), i / width(), numbers[i]));
            }
            Floats.set(values, i, value);
        }
        return new Targets.Values(names, values);
    }
}
