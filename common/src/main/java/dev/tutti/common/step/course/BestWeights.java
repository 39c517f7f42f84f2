package dev.tutti.common.step.course;

import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The best validation loss so far and, where early stopping asks for them, its weights. */
final class BestWeights {
    private final EarlyStopping rule;
    private final MemorySegment copy;
    private double loss = Double.POSITIVE_INFINITY;
    private long version;
    private int epochsSince;

    BestWeights(Arena arena, EarlyStopping rule, long length) {
        this.rule = rule;
        this.copy = rule.keepsBest() ? Floats.allocate(arena, length) : Floats.NONE;
    }

    /** Enters an epoch's loss; tells whether training stops here. */
    boolean enter(double epochLoss, long epochVersion, MemorySegment weights) {
        if (epochLoss < loss) {
            loss = epochLoss;
            version = epochVersion;
            epochsSince = 0;
            if (rule.keepsBest()) {
                Floats.copy(weights, copy);
            }
        } else {
            epochsSince++;
        }
        return rule.stops(epochLoss, epochsSince);
    }

    /** Tells whether better weights than those after {@code current} steps are kept. */
    boolean isBetterThan(long current) {
        return rule.keepsBest() && version > 0 && version != current;
    }

    long version() {
        return version;
    }

    void restore(MemorySegment out) {
        Floats.copy(copy, out);
    }

    /** Returns what is kept, as a view. */
    SavedBest saved() {
        return new SavedBest(loss, version, epochsSince, copy);
    }

    /** Goes on with what was kept. */
    void resume(SavedBest saved) {
        loss = saved.loss();
        version = saved.step();
        epochsSince = saved.epochsSince();
        Floats.copy(saved.weights(), copy);
    }
}
