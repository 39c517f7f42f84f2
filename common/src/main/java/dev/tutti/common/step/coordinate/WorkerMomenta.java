package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.mixing.WorkerMomentum;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/** The moving averages of the virtual workers' gradients; see {@link WorkerMomentum}. */
final class WorkerMomenta {
    private final KeptVectors kept;
    private final float beta;
    private final float fresh;
    private final long length;
    private final long trained;

    /**
     * Makes momenta that are 0 at first.
     *
     * @param beta 0 for none
     * @param length floats of a vector
     * @param trained of them; the statistics behind them are taken as they come
     */
    WorkerMomenta(KeptVectors kept, double beta, long length, long trained) {
        this.kept = kept;
        this.beta = (float) beta;
        this.fresh = (float) (1 - beta);
        this.length = length;
        this.trained = trained;
    }

    /** Tells whether virtual workers have momenta. */
    boolean isKept() {
        return beta > 0;
    }

    /**
     * Takes a task's gradient in, and returns what its worker brings to the step. The gradient
     * becomes a mean over its samples; it must not be taken in twice.
     */
    MemorySegment of(OpenTask task) {
        var momentum = kept.of("momentum.%d".formatted(task.task().worker()));
        var mean = task.gradient();
        Floats.divide(task.totals().samples(), mean);
        var front = Floats.slice(momentum, 0, trained);
        Blocks.map(
                Elements.of(Floats.slice(mean, 0, trained)),
                Elements.of(front),
                front,
                (count, gradient, average) -> {
                    for (var i = 0; i < count; i++) {
                        average[i] = beta * average[i] + fresh * gradient[i];
                    }
                });
        Floats.copy(
                Floats.slice(mean, trained, length - trained),
                Floats.slice(momentum, trained, length - trained));
        return momentum;
    }
}
