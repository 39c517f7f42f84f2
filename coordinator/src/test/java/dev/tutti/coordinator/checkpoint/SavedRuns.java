package dev.tutti.coordinator.checkpoint;

import dev.tutti.common.checkpoint.Checkpoint;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.step.course.SavedBest;
import dev.tutti.common.step.course.SavedLedger;
import dev.tutti.common.step.course.SavedRun;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import dev.tutti.coordinator.record.RunFigures;
import java.lang.foreign.Arena;
import java.util.List;
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
                "",
                List.of(),
                List.of(),
                List.of());
    }

    static Checkpoint checkpoint(long step) {
        return Checkpoint.of(after(step), MODEL, Map.of("batch", "32"), new RunFigures().toJson());
    }
}
