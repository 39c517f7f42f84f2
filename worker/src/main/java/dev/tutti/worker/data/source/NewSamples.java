package dev.tutti.worker.data.source;

import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Samples for a model to predict, as it takes them. Targets are not among them.
 *
 * @param sample shape of one
 * @param count samples, in the order of the data
 * @param features count × sample
 * @param incomplete the samples that have no prediction, since a value is missing
 * @param kept the cells of the columns that are carried through, sample by sample; none if no
 *     columns are
 * @param notes what the user is told
 */
public record NewSamples(
        Shape sample,
        int count,
        Features features,
        BitSet incomplete,
        List<List<String>> kept,
        List<String> notes) {
    /** Copies the lists. */
    public NewSamples {
        kept = List.copyOf(kept);
        notes = List.copyOf(notes);
    }

    /**
     * Returns the samples of a dataset, or those of its own test set if it has one.
     *
     * @param options the model's shape and coding
     * @param arena for standardised features
     * @throws DataException if the model takes other samples
     */
    static NewSamples of(Dataset dataset, DataOptions options, Arena arena) {
        var width = dataset.sample().size();
        var count = dataset.testCount() > 0 ? dataset.testCount() : dataset.count();
        var elementBytes = dataset.features().elementBytes();
        var from = (long) (dataset.count() - count) * width * elementBytes;
        var bytes = dataset.features().bytes().asSlice(from, (long) count * width * elementBytes);
        var part =
                switch (dataset.features()) {
                    case Features.Reals _ -> new Features.Reals(bytes);
                    case Features.Bytes _ -> new Features.Bytes(bytes);
                };
        var notes =
                count < dataset.count()
                        ? List.of(
                                "%s: the %d samples of its own test set are predicted"
                                        .formatted(dataset.name(), count))
                        : List.<String>of();
        return of(dataset.name(), dataset.sample(), count, part, options, arena).with(notes);
    }

    /**
     * Returns samples of numbers, in the form that the model takes.
     *
     * @param name what messages call the data
     * @param options the model's shape and coding
     * @param arena for standardised features
     * @throws DataException if the model takes other samples
     */
    public static NewSamples of(
            String name,
            Shape sample,
            int count,
            Features features,
            DataOptions options,
            Arena arena) {
        requireNumbers(name, options);
        options.requireSample(name, sample);
        var coded =
                options.coding()
                        .fitted()
                        .flatMap(fitted -> fitted.standardization())
                        .<Features>map(measured -> {
                            var width = sample.size();
                            var floats = Floats.allocate(arena, (long) count * width);
                            features.gather(rows(0, count), 0, count, width, floats);
                            measured.apply(floats);
                            return new Features.Reals(floats);
                        })
                        .orElse(features);
        return new NewSamples(sample, count, coded, new BitSet(), List.of(), List.of());
    }

    /** Refuses a model whose columns are words, for data that has numbers only. */
    public static void requireNumbers(String name, DataOptions options) {
        options.coding().fitted().stream()
                .flatMap(fitted -> fitted.columns().stream())
                .filter(column -> !(column instanceof ColumnCoding.Numbers))
                .findFirst()
                .ifPresent(column -> {
                    throw new DataException(
                            "%s has numbers only, but the model was trained with words in column %s: give a table"
                                    .formatted(name, column.column()));
                });
    }

    /** Returns the same samples with other notes. */
    NewSamples with(List<String> lines) {
        return new NewSamples(sample, count, features, incomplete, kept, lines);
    }

    /** Returns the same samples with cells that are carried through. */
    public NewSamples keeping(List<List<String>> cells) {
        return new NewSamples(sample, count, features, incomplete, cells, notes);
    }

    /** Returns what is carried through with a sample. */
    public List<String> kept(int row) {
        return kept.isEmpty() ? List.of() : kept.get(row);
    }

    /**
     * Writes samples as floats, one behind the other.
     *
     * @param from the first one
     * @param to behind the last one
     * @param out (to − from) × sample floats
     */
    public void gather(int from, int to, MemorySegment out) {
        features.gather(rows(from, to), 0, to - from, sample.size(), out);
    }

    private static int[] rows(int from, int to) {
        return IntStream.range(from, to).toArray();
    }
}
