package dev.tutti.common.step.course;

import dev.tutti.common.average.ChunkSums;
import dev.tutti.common.average.Chunks;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.vector.Elements;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.LongToIntFunction;

/**
 * Takes the step over each chunk in the pass that adds its sum up: the gradient of the whole batch
 * is never written to memory.
 *
 * <p>Only for rules without slots. The weights before the step stay where they are, so a chunk that
 * is stepped too early, when the step is interrupted, changes nothing; slots have no such copy.
 */
final class SteppedSums implements ChunkSums {
    private final Chunks chunks;
    private final UpdateRule rule;
    private final TrainingState state;
    private final LongSupplier version;
    private final LongToIntFunction samples;
    private final IntConsumer stepped;

    /**
     * Makes the sums of a run.
     *
     * @param version steps behind the weights
     * @param samples of the step after so many
     * @param stepped is told of each chunk that is stepped over for good
     */
    SteppedSums(
            Chunks chunks,
            UpdateRule rule,
            TrainingState state,
            LongSupplier version,
            LongToIntFunction samples,
            IntConsumer stepped) {
        this.chunks = chunks;
        this.rule = rule;
        this.state = state;
        this.version = version;
        this.samples = samples;
        this.stepped = stepped;
    }

    /** Tells whether a rule can be taken a chunk at a time. */
    static boolean suit(UpdateRule rule) {
        return !rule.needsWholeGradient() && rule.optimizer().slotCount() == 0;
    }

    @Override
    public boolean take(int chunk, List<Elements> terms) {
        var step = version.getAsLong();
        return rule.applyTo(
                step,
                state.trained(),
                chunks.offset(chunk),
                new GradientSum(terms, samples.applyAsInt(step)),
                List.of(),
                state.stepping());
    }

    @Override
    public void taken(int chunk) {
        stepped.accept(chunk);
    }
}
