package dev.tutti.common.step.compute;

import dev.tutti.common.average.Totals;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.vector.Elements;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Loss and accuracy of a model over samples, a block of them at a time. Serves one thread. */
public final class Evaluator {
    /** Samples of one block; more only need more memory. */
    public static final int BLOCK_SAMPLES = 256;

    private final Dataset data;
    private final Model model;
    private final Loss loss;
    private final Kernel kernel;
    private final Workspace workspace;

    /** Makes an evaluator; {@code arena} owns its activations. */
    public Evaluator(Arena arena, Dataset data, Model model, Loss loss, Kernel kernel) {
        this.data = data;
        this.model = model;
        this.loss = loss;
        this.kernel = kernel;
        this.workspace = new Workspace(arena, model, loss, Math.min(BLOCK_SAMPLES, data.count()));
    }

    /** Is shown the outputs of each block, before the next block overwrites them. */
    @FunctionalInterface
    public interface Watcher {
        /**
         * Looks at the outputs of the samples {@code rows[from]} to before {@code rows[to]}.
         *
         * @param outputs (to − from) × width
         */
        void look(int[] rows, int from, int to, MemorySegment outputs);
    }

    /**
     * Returns the totals over the samples {@code rows[from]} to before {@code rows[to]}, added up
     * in this order.
     */
    public Totals evaluate(Elements weights, int[] rows, int from, int to) {
        return evaluate(weights, rows, from, to, (_, _, _, _) -> {});
    }

    /** The same, and shows the outputs of each block. */
    public Totals evaluate(Elements weights, int[] rows, int from, int to, Watcher watcher) {
        var totals = Totals.NONE;
        for (var at = from; at < to; at += workspace.samplesMax()) {
            var slice = new SamplePlan.Slice(rows, at, Math.min(to, at + workspace.samplesMax()));
            slice.gather(data, loss, model.output().size(), workspace);
            var cost =
                    model.loss(
                            kernel,
                            loss,
                            weights,
                            workspace,
                            slice.count(),
                            PassContext.EVALUATION);
            watcher.look(rows, slice.from(), slice.to(), workspace.outputs(slice.count()));
            var correct = Accuracy.correct(data, loss, workspace, slice.count());
            totals = totals.plus(new Totals(slice.count(), cost, correct, slice.hash()));
        }
        return totals;
    }
}
