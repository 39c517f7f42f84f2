package dev.tutti.worker.data.target;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.TargetKind;
import dev.tutti.worker.data.source.TargetRule;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A target of numbers, one a sample: classes in the order of numbers, or real values. */
public final class NumberTargets {
    private static final int ARRAY_MAX = Integer.MAX_VALUE - 8;
    private static final int NAMES_SHOWN_MAX = 5;

    private final String name;
    private final double[] numbers; // samples

    NumberTargets(String name, double[] numbers) {
        this.name = name;
        this.numbers = numbers;
    }

    /**
     * Returns the targets as the options say, or as {@link TargetRule} decides.
     *
     * @throws DataException if a number is no class, or no finite float
     */
    Targets toTargets(DataOptions options, Arena arena) {
        return areClasses(options) ? classes(options.classes(), arena) : values(arena);
    }

    /**
     * Targets, and what they were called before that was decided.
     *
     * @param name of the column, or of the first and the last
     */
    public record Decided(String name, Targets targets) {
        /** Returns the words for what was decided, with the option that decides otherwise. */
        public String decided(DataOptions options) {
            var open = options.kind() == TargetKind.BY_VALUES && options.classes().isEmpty();
            return switch (targets) {
                case Targets.Labels(var names, _) ->
                        "target %s: %d classes (%s)%s"
                                .formatted(
                                        name,
                                        names.size(),
                                        shortened(names),
                                        open && areNumbers(names)
                                                ? "; --task regression for real values"
                                                : "");
                case Targets.Values _ ->
                        "target %s: real values%s"
                                .formatted(name, open ? "; --task classification for classes" : "");
            };
        }
    }

    /**
     * Returns the targets in one or several columns.
     *
     * @param names of the columns
     * @param numbers samples × names
     * @throws DataException if they are not what the options say
     */
    public static Decided of(
            List<String> names, double[] numbers, DataOptions options, Arena arena) {
        if (names.size() == 1) {
            var name = names.getFirst();
            return new Decided(name, new NumberTargets(name, numbers).toTargets(options, arena));
        }
        return new Decided(
                names.getFirst() + " to " + names.getLast(),
                new MatrixTargets(names, numbers).toTargets(options, arena));
    }

    /** Returns the number of targets, if an array can hold them. */
    public static int requireFits(String name, long count) {
        if (count > ARRAY_MAX) {
            throw new DataException(
                    "target %s has %d numbers, expected at most %d"
                            .formatted(name, count, ARRAY_MAX));
        }
        return (int) count;
    }

    private boolean areClasses(DataOptions options) {
        if (!options.classes().isEmpty()) {
            return true;
        }
        return switch (options.kind()) {
            case CLASSES -> true;
            case VALUES, VALUES_OR_WORDS -> false;
            case BY_VALUES ->
                    Arrays.stream(numbers).allMatch(TargetRule::isWhole)
                            && TargetRule.areClasses(samples());
        };
    }

    private Map<Long, Integer> samples() {
        var samples = new HashMap<Long, Integer>();
        for (var number : numbers) {
            samples.merge((long) number, 1, Integer::sum);
        }
        return samples;
    }

    private Targets classes(List<String> known, Arena arena) {
        var indices = known.isEmpty() ? found() : indices(known);
        var labels = arena.allocate((long) numbers.length * Integer.BYTES, Floats.ALIGNMENT_BYTES);
        for (var row = 0; row < numbers.length; row++) {
            requireWhole(row);
            var index = indices.get((long) numbers[row]);
            if (index == null) {
                throw refused(row, "expected one of the classes " + String.join(", ", known));
            }
            labels.setAtIndex(JAVA_INT, row, index);
        }
        return new Targets.Labels(known.isEmpty() ? names(indices) : known, labels);
    }

    /** Returns the place of each number among those there are. */
    private Map<Long, Integer> found() {
        var indices = new TreeMap<Long, Integer>();
        for (var row = 0; row < numbers.length; row++) {
            requireWhole(row);
            indices.put((long) numbers[row], 0);
        }
        var index = 0;
        for (var entry : indices.entrySet()) {
            entry.setValue(index);
            index++;
        }
        return indices;
    }

    private Map<Long, Integer> indices(List<String> known) {
        try {
            return IntStream.range(0, known.size())
                    .boxed()
                    .collect(Collectors.toMap(i -> Long.valueOf(known.get(i)), i -> i));
        } catch (NumberFormatException _) {
            throw new DataException(
                    "target %s has numbers, but the model's classes are %s"
                            .formatted(name, shortened(known)));
        }
    }

    private Targets values(Arena arena) {
        var values = Floats.allocate(arena, numbers.length);
        for (var row = 0; row < numbers.length; row++) {
            var value = (float) numbers[row];
            if (!Float.isFinite(value)) {
                throw refused(row, "expected a number that a 32-bit float can hold");
            }
            Floats.set(values, row, value);
        }
        return new Targets.Values(List.of(name), values);
    }

    private void requireWhole(int row) {
        if (!TargetRule.isWhole(numbers[row])) {
            throw refused(
                    row,
                    "a class is a whole number; for real values give --task regression, or a loss"
                            + " such as mse");
        }
    }

    private DataException refused(int row, String expected) {
        return new DataException(
                "target %s of sample %d is %s: %s".formatted(name, row, numbers[row], expected));
    }

    private static boolean areNumbers(List<String> names) {
        return names.stream().allMatch(name -> name.matches("-?[0-9]+"));
    }

    private static List<String> names(Map<Long, Integer> indices) {
        return indices.keySet().stream().map(String::valueOf).toList();
    }

    private static String shortened(List<String> names) {
        return names.size() <= NAMES_SHOWN_MAX
                ? String.join(", ", names)
                : "%s, %s, …, %s".formatted(names.get(0), names.get(1), names.getLast());
    }
}
