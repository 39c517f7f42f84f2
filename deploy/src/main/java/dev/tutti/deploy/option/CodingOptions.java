package dev.tutti.deploy.option;

import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.nn.Zoo;
import dev.tutti.common.nn.layer.Embedding;
import dev.tutti.worker.data.source.Coding;
import dev.tutti.worker.data.table.MissingTokens;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What becomes of missing values in a CSV file. */
public final class CodingOptions {
    @Option(
            names = "--missing",
            paramLabel = "RULE",
            description =
                    "how to handle a missing value: refuse; drop, which leaves out the row; mean or median of the training samples, and for words the most frequent one; class, which makes it an extra category in columns of words; default: refuse")
    public Optional<MissingRule> missing = Optional.empty();

    @Option(
            names = "--missing-tokens",
            paramLabel = "A,B",
            split = ",",
            description =
                    "how a missing value is written, in capital or small letters, besides an empty cell; default: ?, NA, N/A, <NA>, #N/A, NaN, null, none, and others that pandas knows")
    List<String> tokens = List.of();

    /** Returns how cells become numbers. */
    public Coding of(RunOptions options) {
        var first = Zoo.layers(options.model).getFirst();
        return new Coding(
                missing.orElse(MissingRule.REFUSE),
                MissingTokens.of(tokens),
                first instanceof Embedding,
                options.standardize,
                Optional.empty());
    }
}
