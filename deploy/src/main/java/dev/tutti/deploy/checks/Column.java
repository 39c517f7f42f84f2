package dev.tutti.deploy.checks;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What the numbers of one column are like, over all samples. Sums are doubles in the order of the
 * samples.
 *
 * @param name of the column
 * @param kind what its numbers look like
 * @param min smallest number
 * @param max largest number
 * @param mean of the numbers
 * @param deviation √(Σ(x − mean)² / samples)
 */
public record Column(
        String name, Kind kind, double min, double max, double mean, double deviation) {
    private static final int BLOCK_FLOATS_MAX = 1 << 18;
    private static final int COUNTED_MIN = 3;

    /** What numbers look like. */
    public enum Kind {
        /** All the same. */
        CONSTANT,
        /** Two different ones. */
        TWO_VALUES,
        /** Whole numbers that go up by one from sample to sample, as row numbers do. */
        COUNTING,
        /** Whole numbers. */
        WHOLE,
        /** Numbers with fractions. */
        REAL;

        /** Returns the words for it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** Returns the feature columns; of samples without named columns, one for all inputs. */
    public static List<Column> features(Dataset dataset) {
        var width = dataset.sample().size();
        var names = dataset.featureNames().isEmpty() ? List.of("inputs") : dataset.featureNames();
        return of(names, dataset.features(), width, dataset.count());
    }

    /** Returns the target columns; none of classes. */
    public static List<Column> targets(Dataset dataset) {
        return switch (dataset.targets()) {
            case Targets.Labels _ -> List.of();
            case Targets.Values(var names, var values) ->
                    of(names, new Features.Reals(values), names.size(), dataset.count());
        };
    }

    private static List<Column> of(List<String> names, Features values, int width, int count) {
        var sums = names.stream().map(_ -> new Sums()).toList();
        read(values, width, count, sums, Sums::add);
        sums.forEach(Sums::endFirstPass);
        read(values, width, count, sums, Sums::addSquare);
        var columns = new ArrayList<Column>();
        for (var k = 0; k < names.size(); k++) {
            columns.add(sums.get(k).column(names.get(k)));
        }
        return columns;
    }

    private interface Step {
        void take(Sums sums, double value);
    }

    private static void read(Features values, int width, int count, List<Sums> sums, Step step) {
        var block = Math.clamp(BLOCK_FLOATS_MAX / width, 1, count);
        try (var arena = Arena.ofConfined()) {
            var room = Floats.allocate(arena, (long) block * width);
            for (var from = 0; from < count; from += block) {
                var to = Math.min(count, from + block);
                var rows = IntStream.range(from, to).toArray();
                values.gather(rows, 0, rows.length, width, room);
                for (var i = 0; i < rows.length * width; i++) {
                    step.take(sums.get(i % width % sums.size()), Floats.get(room, i));
                }
            }
        }
    }

    /** What is known of a column so far. */
    private static final class Sums {
        private double first = Double.NaN;
        private double other = Double.NaN;
        private double last = Double.NaN;
        private double min = Double.POSITIVE_INFINITY;
        private double max = Double.NEGATIVE_INFINITY;
        private double sum;
        private double squares;
        private double mean;
        private long count;
        private boolean moreThanTwo;
        private boolean counting = true;
        private boolean whole = true;

        void add(double value) {
            if (count == 0) {
                first = value;
            } else if (value != first && Double.isNaN(other)) {
                other = value;
            } else if (value != first && value != other) {
                moreThanTwo = true;
            }
            counting &= count == 0 || value == last + 1;
            whole &= value == Math.rint(value);
            min = Math.min(min, value);
            max = Math.max(max, value);
            sum += value;
            last = value;
            count++;
        }

        void endFirstPass() {
            mean = sum / count;
        }

        void addSquare(double value) {
            squares += (value - mean) * (value - mean);
        }

        private Kind kind() {
            if (Double.isNaN(other)) {
                return Kind.CONSTANT;
            }
            if (whole && counting && count >= COUNTED_MIN) {
                return Kind.COUNTING;
            }
            if (!moreThanTwo) {
                return Kind.TWO_VALUES;
            }
            return whole ? Kind.WHOLE : Kind.REAL;
        }

        Column column(String name) {
            return new Column(name, kind(), min, max, mean, Math.sqrt(squares / count));
        }
    }
}
