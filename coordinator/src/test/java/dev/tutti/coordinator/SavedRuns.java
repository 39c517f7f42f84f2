package dev.tutti.coordinator;

import dev.tutti.common.checkpoint.Checkpoint;
import dev.tutti.common.nn.Layers;
import dev.tutti.common.nn.Model;
import dev.tutti.common.step.SavedBest;
import dev.tutti.common.step.SavedLedger;
import dev.tutti.common.step.SavedRun;
import dev.tutti.common.step.TrainingState;
import dev.tutti.common.step.Work;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.util.Map;

/** Small runs to take checkpoints of: every weight after a step is the step's number. */
final class SavedRuns {
    static final Model MODEL =
            Model.of(Layers.CATALOGUE.parseList("dense(3),relu,dense"), Shape.of(4), 2);

    private SavedRuns() {}

    static SavedRun after(long step) {
        var state = TrainingState.allocate(Arena.ofAuto(), MODEL, 1, Precision.FP32);
        Floats.fill((float) step, state.weights());
        Floats.fill((float) -step, state.slots().getFirst());
        return new SavedRun(
                new Work.Train(step),
                state,
                new SavedBest(Double.POSITIVE_INFINITY, 0, 0, Floats.NONE),
                new SavedLedger(0, 0, 0, 0),
                "");
    }

    static Checkpoint checkpoint(long step) {
        return Checkpoint.of(after(step), MODEL, Map.of("batch", "32"), new RunFigures().toJson());
    }
}
