package dev.tutti.coordinator;

import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.Regularizers;
import dev.tutti.common.optim.Schedules;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.coordinator.checkpoint.CheckpointPolicy;
import dev.tutti.coordinator.checkpoint.Safekeeping;
import dev.tutti.coordinator.checkpoint.StoppedRun;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * All that the coordinator must know of a run beyond what its workers are told.
 *
 * @param spec what the workers are told
 * @param steps steps of the run
 * @param rule takes the steps
 * @param stopping when to end before the last step
 * @param startingWeights the model's flat vector before the first step; read, not changed
 * @param limits patience and caution
 * @param digestEvery steps between two digests in the step log; 0 for none
 * @param observing what is looked at
 * @param auditing which shards several processes compute
 * @param directory where the run's files go; it exists
 * @param modelMetadata what the model's file says beside the tensors
 * @param checkpoints how often they are taken
 * @param keeping what happens to results that the directory cannot take
 * @param from what the run goes on with, if it is not new; of the same {@link #configuration}
 */
public record RunPlan(
        RunSpec spec,
        long steps,
        UpdateRule rule,
        EarlyStopping stopping,
        MemorySegment startingWeights,
        Limits limits,
        int digestEvery,
        Observing observing,
        Auditing auditing,
        Path directory,
        Map<String, String> modelMetadata,
        CheckpointPolicy checkpoints,
        Safekeeping keeping,
        Optional<StoppedRun> from) {
    private static final String NONE = "none";

    /** Returns this plan for a run that goes on. */
    public RunPlan resuming(StoppedRun stopped) {
        return with(directory, keeping, Optional.of(stopped));
    }

    /** Returns this plan with another folder. */
    public RunPlan in(Path folder, Safekeeping kept) {
        return with(folder, kept, from);
    }

    private RunPlan with(Path folder, Safekeeping kept, Optional<StoppedRun> stopped) {
        return new RunPlan(
                spec,
                steps,
                rule,
                stopping,
                startingWeights,
                limits,
                digestEvery,
                observing,
                auditing,
                folder,
                modelMetadata,
                checkpoints,
                kept,
                stopped);
    }

    /** Returns the run's name: that of its folder. */
    public String name() {
        var last = directory.toAbsolutePath().normalize().getFileName();
        return last == null ? "run" : last.toString();
    }

    /**
     * Returns all that the weights' bits follow from, as texts by the names that options have: a
     * run may go on with the checkpoints of another only if these are the same.
     */
    public Map<String, String> configuration() {
        var texts = new TreeMap<String, String>(spec.bits());
        texts.put("steps", Long.toString(steps));
        texts.put("optimizer", Optimizers.CATALOGUE.format(rule.optimizer()));
        texts.put("rate", Double.toString(rule.rate()));
        texts.put("schedule", Schedules.CATALOGUE.format(rule.schedule()));
        texts.put("regularizer", Regularizers.CATALOGUE.formatList(rule.regularizers()));
        texts.put("clip-norm", text(rule.normMax()));
        texts.put("stop-below", text(stopping.below()));
        texts.put(
                "patience",
                stopping.patience().isPresent()
                        ? Integer.toString(stopping.patience().getAsInt())
                        : NONE);
        return texts;
    }

    private static String text(OptionalDouble value) {
        return value.isPresent() ? Double.toString(value.getAsDouble()) : NONE;
    }
}
