package dev.tutti.worker.data.matrix;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Features;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.numpy.ArrayFeatures;
import dev.tutti.worker.data.numpy.NpyArray;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.target.NumberTargets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * An array of two dimensions whose columns are features and targets. A column's name is its number
 * from 1 on, as that of a CSV file without names.
 */
final class NumpyTable {
    private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,8}");

    private final NpyArray array;
    private final int[] features; // indices of columns, in the model's order
    private final int[] targets; // indices of columns

    NumpyTable(NpyArray array, int[] features, int[] targets) {
        this.array = array;
        this.features = features.clone();
        this.targets = targets.clone();
    }

    /** The samples of a table. */
    record Samples(Features features, NumberTargets.Decided targets) {}

    /**
     * Chooses the columns that the options name; the last one is the target if none is named.
     *
     * @throws DataException if one is not there, or named twice
     */
    static NumpyTable of(NpyArray array, DataOptions options) {
        var width = array.header().shape().getLast();
        var targets =
                options.targets().isEmpty()
                        ? new int[] {width - 1}
                        : columns(array, options.targets());
        var features =
                options.features().isEmpty()
                        ? IntStream.range(0, width)
                                .filter(i -> IntStream.of(targets).noneMatch(t -> t == i))
                                .toArray()
                        : columns(array, options.features());
        var all = IntStream.concat(IntStream.of(features), IntStream.of(targets));
        if (features.length == 0 || all.distinct().count() < features.length + targets.length) {
            throw new DataException(
                    ("array %s is %s: expected features besides the targets %s, and each column"
                                    + " once")
                            .formatted(array.name(), array.header().text(), names(targets)));
        }
        return new NumpyTable(array, features, targets);
    }

    /**
     * Reads new samples: the columns that a model was trained with, by their numbers; by their
     * places, if there are as many as it takes.
     *
     * @param keep numbers of columns that are carried through
     * @throws DataException if there are others
     */
    static NewSamples samples(NpyArray array, DataOptions options, List<String> keep, Arena arena)
            throws IOException {
        NewSamples.requireNumbers("array " + array.name(), options);
        var features = featuresToPredict(array, options);
        var kept = columns(array, keep);
        var width = array.header().shape().getLast();
        var place = places(features, width);
        var inputs = Floats.allocate(arena, (long) array.rows() * features.length);
        var cells =
                new double
                        [NumberTargets.requireFits(
                                array.name(), (long) array.rows() * kept.length)];
        array.read((index, value) -> {
            var row = index / width;
            var column = (int) (index - row * width);
            if (place[column] >= 0) {
                var number = ArrayFeatures.finite(array.name(), width, index, value);
                Floats.set(inputs, row * features.length + place[column], number);
            }
            for (var k = 0; k < kept.length; k++) {
                if (kept[k] == column) {
                    cells[(int) row * kept.length + k] = value;
                }
            }
        });
        return NewSamples.of(
                        "array " + array.name(),
                        Shape.of(features.length),
                        array.rows(),
                        new Features.Reals(inputs),
                        options,
                        arena)
                .keeping(texts(array, cells, kept.length));
    }

    private static int[] featuresToPredict(NpyArray array, DataOptions options) {
        var names = options.coding().fitted().orElseThrow().columnNames();
        var width = array.header().shape().getLast();
        if (width == names.size()) {
            return IntStream.range(0, width).toArray();
        }
        if (!names.stream().allMatch(name -> NUMBER.matcher(name).matches())) {
            options.requireSample("array " + array.name(), Shape.of(width));
        }
        return columns(array, names);
    }

    /** Returns the cells row by row, as texts that read back as the same numbers. */
    private static List<List<String>> texts(NpyArray array, double[] cells, int width) {
        if (width == 0) {
            return List.of();
        }
        var texts = DoubleStream.of(cells).mapToObj(array.header().type()::text).toList();
        return IntStream.range(0, array.rows())
                .mapToObj(row -> texts.subList(row * width, (row + 1) * width))
                .toList();
    }

    private static int[] columns(NpyArray array, List<String> names) {
        var width = array.header().shape().getLast();
        return names.stream()
                .mapToInt(name -> {
                    if (!NUMBER.matcher(name).matches() || Integer.parseInt(name) > width) {
                        throw new DataException(
                                "array %s has no column \"%s\": its columns are 1 to %d"
                                        .formatted(array.name(), name, width));
                    }
                    return Integer.parseInt(name) - 1;
                })
                .toArray();
    }

    int rows() {
        return array.rows();
    }

    /** Returns the names of the feature columns. */
    List<String> featureNames() {
        return names(features);
    }

    /**
     * Reads all samples.
     *
     * @throws DataException if a number is no finite float, or a target not what the options say
     */
    Samples read(DataOptions options, Arena arena) throws IOException {
        var width = array.header().shape().getLast();
        var feature = places(features, width);
        var target = places(targets, width);
        var count = NumberTargets.requireFits(array.name(), (long) array.rows() * targets.length);
        var numbers = new double[count];
        var inputs = Floats.allocate(arena, (long) array.rows() * features.length);
        array.read((index, value) -> {
            var row = index / width;
            var column = (int) (index - row * width);
            if (target[column] >= 0) {
                numbers[(int) row * targets.length + target[column]] = value;
            } else if (feature[column] >= 0) {
                Floats.set(
                        inputs,
                        row * features.length + feature[column],
                        ArrayFeatures.finite(array.name(), width, index, value));
            }
        });
        return new Samples(
                new Features.Reals(inputs),
                NumberTargets.of(names(targets), numbers, options, arena));
    }

    /** Returns for each column of the table its place among the chosen ones, or −1. */
    private static int[] places(int[] columns, int width) {
        var places = new int[width];
        Arrays.fill(places, -1);
        for (var i = 0; i < columns.length; i++) {
            places[columns[i]] = i;
        }
        return places;
    }

    private static List<String> names(int[] columns) {
        return IntStream.of(columns).mapToObj(i -> Integer.toString(i + 1)).toList();
    }
}
