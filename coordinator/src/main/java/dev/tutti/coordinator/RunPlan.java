package dev.tutti.coordinator;

import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.EarlyStopping;
import dev.tutti.common.step.Limits;
import dev.tutti.common.step.RunSpec;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;

/**
 * All that the coordinator must know of a run beyond what its workers are told.
 *
 * @param spec what the workers are told
 * @param steps steps of the run
 * @param rule takes the steps
 * @param stopping when to end before the last step
 * @param startingWeights the model's flat vector before the first step; read, not changed
 * @param limits patience and caution
 * @param digestEvery steps between two digests in the step log
 * @param directory where the run's files go; it exists
 * @param modelMetadata what the model's file says beside the tensors
 */
public record RunPlan(
        RunSpec spec,
        long steps,
        UpdateRule rule,
        EarlyStopping stopping,
        MemorySegment startingWeights,
        Limits limits,
        int digestEvery,
        Path directory,
        Map<String, String> modelMetadata) {
    /** Returns the run's name: that of its folder. */
    public String name() {
        var last = directory.toAbsolutePath().normalize().getFileName();
        return last == null ? "run" : last.toString();
    }
}
