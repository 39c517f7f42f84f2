package dev.tutti.worker.data.source;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/** One kind of place that a dataset can come from. */
public interface DataSource {
    /** Returns how the source is written and what it is, for lists and refusals. */
    String description();

    /** Tells whether {@code source} is written like one of this kind, whether it exists or not. */
    boolean accepts(String source);

    /**
     * Reads the dataset into memory of {@code arena}.
     *
     * @param arena one that every thread which gathers samples may use
     * @throws DataException if it is not there or not as expected; one line for the user
     */
    Dataset open(DataOptions options, Arena arena);

    /**
     * Reads the data so far that its coding can be fitted to the training rows; in most kinds its
     * features are numbers already.
     *
     * @param arena as for {@link #open}
     * @throws DataException as {@link #open}
     */
    default RawData read(DataOptions options, Arena arena) {
        return new WholeData(open(options, arena), options.coding().standardize(), arena);
    }

    /** Tells whether such data may have cells without a value. */
    default boolean mayMiss() {
        return false;
    }

    /**
     * Tells whether {@code source} is written like new samples of this kind; they may come without
     * targets.
     */
    default boolean acceptsSamples(String source) {
        return accepts(source);
    }

    /**
     * Reads new samples for a model, coded as in its training. Targets that are there are left out.
     *
     * @param options the source, and what the model takes: shape, columns, coding
     * @param keep columns that are carried through
     * @param arena as for {@link #open}
     * @throws DataException as {@link #open}, and if the model takes other samples
     */
    default NewSamples samples(DataOptions options, List<String> keep, Arena arena) {
        options.requireNoText();
        options.requireNothingKept(keep);
        var found = DataOptions.of(options.source(), TargetKind.BY_VALUES);
        return NewSamples.of(open(found, arena), options, arena);
    }

    /**
     * Returns the first rows of data that is a table, as they are written.
     *
     * @param rowsMax rows that are wanted
     * @return nothing if the data is no table
     * @throws DataException as {@link #open}
     */
    default Optional<FirstRows> firstRows(DataOptions options, int rowsMax) {
        return Optional.empty();
    }
}
