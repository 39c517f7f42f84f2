package dev.tutti.worker.data.source;

import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import java.util.List;

/**
 * Data as it was read: its targets are known, so that its rows can be split; its features become
 * numbers by a coding that is fitted to the training rows.
 */
public interface RawData extends AutoCloseable {
    /** Returns how many samples there are. */
    int count();

    /** Returns how many samples at the end are the data's own test set. */
    int testCount();

    /** Returns the targets of all samples. */
    Targets targets();

    /**
     * Returns the coding that the training rows give.
     *
     * @throws dev.tutti.common.data.DataException if they give none
     */
    FeatureCoding fit(int[] trainRows);

    /** Returns the dataset; to be called once, because {@link #notes} count what it finds. */
    Dataset encode(FeatureCoding coding);

    /** Returns how many cells of the samples' features are missing. */
    long missing();

    /** Returns what the user is told of columns of words and of missing values, once encoded. */
    List<String> notes();

    /**
     * Returns the line of the file that a sample stands in, counted from 1; 0 if it has none.
     *
     * @param sample counted from 0
     */
    long line(int sample);

    /** Gives back the cells' memory. */
    @Override
    void close();
}
