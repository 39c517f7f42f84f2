package dev.tutti.deploy.model;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Standardization;
import dev.tutti.common.data.Targets;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.option.RunOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether a run's targets are standardised, and what the user is told of it. */
public final class TargetScaling {
    /** A model starts with outputs of about 1, and takes long to reach values so far apart. */
    private static final double DEVIATION_MAX = 100;

    private static final int NAMED_MAX = 3;

    private TargetScaling() {}

    /**
     * Returns the standardisation that the options ask for, measured over the training samples.
     *
     * @param notes gets the line that the user is told
     * @throws UserException if the targets are classes
     */
    public static Optional<Standardization> of(
            RunOptions options, Dataset dataset, int[] train, List<String> notes) {
        return switch (dataset.targets()) {
            case Targets.Labels labels -> {
                Require.that(
                        !options.standardizeTargets,
                        "--standardize-targets is for real values, but %s has %d classes: leave it out, or give --task regression"
                                .formatted(dataset.name(), labels.names().size()));
                yield Optional.empty();
            }
            case Targets.Values values -> of(options, values, train, notes);
        };
    }

    private static Optional<Standardization> of(
            RunOptions options, Targets.Values values, int[] train, List<String> notes) {
        var measured = Standardization.ofTargets(values, train);
        if (options.standardizeTargets) {
            notes.add(
                    "targets are standardised: losses are of such values, MAE and RMSE are in the target's own unit");
            return Optional.of(measured);
        }
        for (var k = 0; k < Math.min(NAMED_MAX, values.names().size()); k++) {
            if (measured.deviations().get(k) > DEVIATION_MAX) {
                notes.add(
                        String.format(
                                Locale.ROOT,
                                "target %s has a deviation of %.6g: --standardize-targets makes it 1 for the training",
                                values.names().get(k),
                                measured.deviations().get(k)));
            }
        }
        return Optional.empty();
    }
}
