package dev.tutti.worker.data;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import java.lang.foreign.Arena;

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
}
