package dev.tutti.deploy.predict;

import dev.tutti.deploy.cli.Require;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Writes predictions as they come, sample by sample. */
public interface PredictionWriter {
    /** Writes what stands before all samples. */
    void begin();

    /**
     * Takes one sample.
     *
     * @param kept cells that are carried through
     * @param answer nothing if a value is missing
     */
    void add(List<String> kept, Optional<Answers.Answer> answer);

    /** Writes what stands behind all samples. */
    void end() throws IOException;

    /**
     * Refuses to carry a column through that has the name of another one.
     *
     * @param keep names of the columns that are carried through
     * @param others names of what is written beside them
     */
    static void requireDifferent(List<String> keep, List<String> others) {
        for (var column : keep) {
            Require.that(
                    keep.indexOf(column) == keep.lastIndexOf(column) && !others.contains(column),
                    "--keep %s: the predictions would have two columns of this name; leave it out, or rename the column"
                            .formatted(column));
        }
    }
}
