package dev.tutti.worker.data.source;

import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Standardization;
import dev.tutti.common.data.Targets;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/**
 * Data whose features are numbers already.
 *
 * @param standardize whether the features are to be standardised
 * @param arena for standardised features
 */
record WholeData(Dataset dataset, boolean standardize, Arena arena) implements RawData {
    @Override
    public int count() {
        return dataset.count();
    }

    @Override
    public int testCount() {
        return dataset.testCount();
    }

    @Override
    public Targets targets() {
        return dataset.targets();
    }

    @Override
    public FeatureCoding fit(int[] trainRows) {
        return standardize
                ? new FeatureCoding(List.of(), Optional.of(Standardization.of(dataset, trainRows)))
                : FeatureCoding.NONE;
    }

    @Override
    public Dataset encode(FeatureCoding coding) {
        return coding.standardization().map(this::standardized).orElse(dataset);
    }

    /** Standardises in place, where the memory is not a file: nobody else has it yet. */
    private Dataset standardized(Standardization measured) {
        return dataset.features() instanceof Features.Reals(var values) && !values.isReadOnly()
                ? measured.applyInPlace(dataset, values)
                : measured.apply(dataset, arena);
    }

    @Override
    public long missing() {
        return 0;
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    @Override
    public long line(int sample) {
        return 0;
    }

    @Override
    public void close() {
        // The arena has all of it.
    }
}
