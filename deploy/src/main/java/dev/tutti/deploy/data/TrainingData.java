package dev.tutti.deploy.data;

import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Split;
import dev.tutti.common.data.Standardization;
import dev.tutti.deploy.ground.GroundCheck;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.model.TargetScaling;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.RawData;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;

/**
 * The data of a run: read, split, and coded as its training samples say.
 *
 * @param dataset as the model gets it
 * @param split of its samples
 * @param test fraction of the samples that test
 * @param coding of the features
 * @param targetScaling of the targets, if they are standardised
 * @param missing cells of the features that are missing
 * @param notes what the user is told of words and missing values
 * @param lines the line of the file that a sample stands in; 0 if it has none
 */
public record TrainingData(
        Dataset dataset,
        Split split,
        double test,
        FeatureCoding coding,
        Optional<Standardization> targetScaling,
        long missing,
        List<String> notes,
        IntToLongFunction lines) {
    /** Copies the list. */
    public TrainingData {
        notes = List.copyOf(notes);
    }

    /** Reads what the options name. */
    public static TrainingData of(RunOptions options, DataOptions data) {
        return GroundCheck.opened(
                data.source(),
                () -> {
                    try (var raw = LocalData.sources().read(data, Arena.ofAuto())) {
                        return of(options, raw);
                    }
                });
    }

    private static TrainingData of(RunOptions options, RawData raw) {
        var test = testFraction(options, raw.testCount());
        var split =
                Split.of(
                        raw.count(),
                        raw.testCount(),
                        raw.targets(),
                        options.validation,
                        test,
                        options.seed);
        var coding = raw.fit(split.train());
        var encoded = raw.encode(coding);
        var notes = new ArrayList<>(raw.notes());
        var scaling = TargetScaling.of(options, encoded, split.train(), notes);
        var dataset =
                scaling.map(measured -> measured.applyToTargets(encoded, Arena.ofAuto()))
                        .orElse(encoded);
        return new TrainingData(
                options.dataName.map(dataset::named).orElse(dataset),
                split,
                test,
                coding,
                scaling,
                raw.missing(),
                notes,
                raw::line);
    }

    private static double testFraction(RunOptions options, int testCount) {
        return testCount > 0 ? options.test.orElse(0.0) : options.test.orElse(options.validation);
    }
}
