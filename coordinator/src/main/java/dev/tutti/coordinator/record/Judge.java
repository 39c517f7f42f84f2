package dev.tutti.coordinator.record;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Says what a run's final weights are worth. One process looks at all samples in the order of the
 * data, so that the figures depend on neither the number of workers nor their order.
 */
@FunctionalInterface
public interface Judge {
    /** Says nothing. */
    Judge NONE = _ -> Optional.empty();

    /**
     * Returns the report; none if there are no samples to look at.
     *
     * @param weights the model's flat vector
     */
    Optional<RunReport> report(MemorySegment weights);
}
