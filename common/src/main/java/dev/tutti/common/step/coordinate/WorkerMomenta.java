package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.mixing.WorkerMomentum;
import dev.tutti.common.step.course.SavedMomentum;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The moving averages of the virtual workers' gradients; see {@link WorkerMomentum}. */
final class WorkerMomenta {
    private final Arena arena;
    private final float kept;
    private final float fresh;
    private final long length;
    private final long trained;
    private final Map<Integer, MemorySegment> momenta = new TreeMap<>();

    /**
     * Makes momenta that are 0.
     *
     * @param beta 0 for none
     * @param length floats of a vector
     * @param trained of them; the statistics behind them are taken as they come
     */
    WorkerMomenta(Arena arena, double beta, long length, long trained) {
        this.arena = arena;
        this.kept = (float) beta;
        this.fresh = (float) (1 - beta);
        this.length = length;
        this.trained = trained;
    }

    /** Tells whether virtual workers have momenta. */
    boolean isKept() {
        return kept > 0;
    }

    /**
     * Takes a task's gradient in, and returns what its worker brings to the step. The gradient
     * becomes a mean over its samples; it must not be taken in twice.
     */
    MemorySegment of(OpenTask task) {
        var momentum = momenta.computeIfAbsent(task.task().worker(), _ -> zeros());
        var mean = task.gradient();
        Floats.divide(task.totals().samples(), mean);
        var front = Floats.slice(momentum, 0, trained);
        Blocks.map(
                Elements.of(Floats.slice(mean, 0, trained)),
                Elements.of(front),
                front,
                (count, gradient, average) -> {
                    for (var i = 0; i < count; i++) {
                        average[i] = kept * average[i] + fresh * gradient[i];
                    }
                });
        Floats.copy(
                Floats.slice(mean, trained, length - trained),
                Floats.slice(momentum, trained, length - trained));
        return momentum;
    }

    private MemorySegment zeros() {
        var vector = Floats.allocate(arena, length);
        Floats.fill(0, vector);
        return vector;
    }

    List<SavedMomentum> saved() {
        return momenta.entrySet().stream()
                .map(entry -> new SavedMomentum(entry.getKey(), entry.getValue()))
                .toList();
    }

    void resume(List<SavedMomentum> saved) {
        for (var one : saved) {
            Floats.copy(one.momentum(), momenta.computeIfAbsent(one.worker(), _ -> zeros()));
        }
    }
}
