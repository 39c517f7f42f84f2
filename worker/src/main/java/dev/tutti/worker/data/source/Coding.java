package dev.tutti.worker.data.source;

import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.worker.data.table.MissingTokens;
import java.util.Optional;

/**
 * What a user says of cells that are no numbers, and what a model knows of them.
 *
 * @param missing what becomes of a missing value
 * @param tokens how missing values are written
 * @param indices whether words become one feature, their category's index, and not one for each
 *     category
 * @param standardize whether features are standardised, and so read in double precision
 * @param fitted the coding of a model, for its new samples; none to fit one
 */
public record Coding(
        MissingRule missing,
        MissingTokens tokens,
        boolean indices,
        boolean standardize,
        Optional<FeatureCoding> fitted) {
    /** Missing values are refused, words have a feature for each category. */
    public static final Coding STANDARD =
            new Coding(MissingRule.REFUSE, MissingTokens.STANDARD, false, false, Optional.empty());

    /** Returns this with the coding of a model. */
    public Coding with(FeatureCoding coding) {
        return new Coding(
                missing,
                tokens,
                indices,
                coding.standardization().isPresent(),
                Optional.of(coding));
    }
}
