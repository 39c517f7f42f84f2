package dev.tutti.common.data;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Brings every feature to mean 0 and deviation 1, as measured over the training rows alone: x ↦ (x
 * − mean) / deviation. A model is used with the numbers that it was trained with.
 *
 * @param means one for each element of a sample
 * @param deviations one for each element of a sample, above 0; 1 for a feature that never changes
 */
public record Standardization(List<Double> means, List<Double> deviations) {
    /** Copies the lists and refuses what cannot be divided by. */
    public Standardization {
        means = List.copyOf(means);
        deviations = List.copyOf(deviations);
        if (means.size() != deviations.size()) {
            throw new IllegalArgumentException(
                    "found %d means and %d deviations, expected one of each for a feature"
                            .formatted(means.size(), deviations.size()));
        }
        for (var deviation : deviations) {
            if (!(deviation > 0) || deviation.isInfinite()) {
                throw new IllegalArgumentException(
                        "a deviation must be above 0 and finite, was " + deviation);
            }
        }
    }

    /** Gives the rows to measure. */
    public interface Rows {
        /** Writes the features of the row {@code index}, counted from 0. */
        void read(int index, double[] out);
    }

    /**
     * Measures means and deviations (of the population: divided by n) over the training rows, in
     * doubles and in the order of the rows.
     */
    public static Standardization of(Dataset dataset, int[] trainRows) {
        var width = dataset.sample().size();
        try (var arena = Arena.ofConfined()) {
            var sample = Floats.allocate(arena, width);
            return of(
                    trainRows.length,
                    width,
                    (index, out) -> {
                        dataset.gatherFeatures(trainRows, index, index + 1, sample);
                        for (var column = 0; column < width; column++) {
                            out[column] = Floats.get(sample, column);
                        }
                    });
        }
    }

    /**
     * Measures rows in the same way.
     *
     * @param count rows, each of which is read twice
     * @param width features of a row
     */
    public static Standardization of(int count, int width, Rows rows) {
        if (count == 0) {
            throw new IllegalArgumentException("found no training row to measure");
        }
        var row = new double[width];
        var sums = new double[width];
        var first = new double[width];
        var changes = new boolean[width];
        for (var i = 0; i < count; i++) {
            rows.read(i, row);
            for (var column = 0; column < width; column++) {
                first[column] = i == 0 ? row[column] : first[column];
                changes[column] |= row[column] != first[column];
                sums[column] += row[column];
            }
        }
        var squares = new double[width];
        for (var i = 0; i < count; i++) {
            rows.read(i, row);
            for (var column = 0; column < width; column++) {
                var distance = row[column] - sums[column] / count;
                squares[column] += distance * distance;
            }
        }
        return of(count, sums, first, changes, squares);
    }

    /** Measures real-valued targets over the training rows in the same way. */
    public static Standardization ofTargets(Targets.Values targets, int[] trainRows) {
        var width = targets.names().size();
        return of(
                trainRows.length,
                width,
                (index, out) -> {
                    for (var column = 0; column < width; column++) {
                        var place = (long) trainRows[index] * width + column;
                        out[column] = Floats.get(targets.bytes(), place);
                    }
                });
    }

    private static Standardization of(
            int count, double[] sums, double[] first, boolean[] changes, double[] squares) {
        var means = new ArrayList<Double>();
        var deviations = new ArrayList<Double>();
        for (var column = 0; column < sums.length; column++) {
            // A constant's rounded mean may miss it by a bit; divided by that bit it would be
            // noise.
            means.add(changes[column] ? sums[column] / count : first[column]);
            deviations.add(changes[column] ? Math.sqrt(squares[column] / count) : 1.0);
        }
        return new Standardization(means, deviations);
    }

    /**
     * Returns the dataset with standardised features, as floats in memory of {@code arena}.
     *
     * @throws DataException if the dataset's samples have another size, or a result overflows
     */
    public Dataset apply(Dataset dataset, Arena arena) {
        var width = dataset.sample().size();
        requireWidth(dataset.name(), width);
        var features = Floats.allocate(arena, (long) dataset.count() * width);
        var rows = IntStream.range(0, dataset.count()).toArray();
        dataset.features().gather(rows, 0, rows.length, width, features);
        return applyInPlace(dataset, features);
    }

    /**
     * Returns the dataset with features that are standardised where they are.
     *
     * @param features count × sample floats of the dataset, which change
     * @throws DataException as {@link #apply(Dataset, Arena)}
     */
    public Dataset applyInPlace(Dataset dataset, MemorySegment features) {
        requireWidth(dataset.name(), dataset.sample().size());
        apply(features);
        return new Dataset(
                dataset.name(),
                dataset.sample(),
                dataset.count(),
                dataset.testCount(),
                dataset.featureNames(),
                new Features.Reals(features),
                dataset.targets());
    }

    /** Returns the dataset with standardised targets, if they are real values. */
    public Dataset applyToTargets(Dataset dataset, Arena arena) {
        return switch (dataset.targets()) {
            case Targets.Labels _ -> dataset;
            case Targets.Values(var names, var bytes) -> {
                var values = Floats.allocate(arena, Floats.count(bytes));
                Floats.copy(bytes, values);
                apply(values);
                yield dataset.withTargets(new Targets.Values(names, values));
            }
        };
    }

    /** Returns the means, for loops over many rows. */
    public double[] centre() {
        return means.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Returns the deviations, for loops over many rows. */
    public double[] scale() {
        return deviations.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Returns what a standardised value was. */
    public double undo(int column, double value) {
        return value * deviations.get(column) + means.get(column);
    }

    /**
     * Standardises samples in place.
     *
     * @param out samples × features
     */
    public void apply(MemorySegment out) {
        var centre = centre();
        var scale = scale();
        var rows = Floats.count(out) / centre.length;
        for (long row = 0; row < rows; row++) {
            apply(centre, scale, Floats.slice(out, row * centre.length, centre.length));
        }
    }

    private static void apply(double[] centre, double[] scale, MemorySegment out) {
        for (var column = 0; column < centre.length; column++) {
            var value = (Floats.get(out, column) - centre[column]) / scale[column];
            Floats.set(out, column, (float) value);
        }
    }

    private void requireWidth(String name, int width) {
        if (width != means.size()) {
            throw new DataException(
                    "dataset %s: its samples have %d elements, the standardisation is for %d"
                            .formatted(name, width, means.size()));
        }
    }
}
