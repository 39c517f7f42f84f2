package dev.tutti.common.step.worker;

import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.compress.CompressorState;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.vector.Elements;
import java.util.List;

/** What a worker process's machine wants done; the shell does it in the order given. */
public sealed interface WorkerDecision {
    /** Send a message; the payload of a contribution is to be released once it is written. */
    record Send(ToCoordinator message) implements WorkerDecision {}

    /** Get the data of the run and report {@link WorkerEvent.DataLoaded}. */
    record LoadData(ToWorker.Welcome welcome) implements WorkerDecision {}

    /**
     * Let the lease's worker compute it.
     *
     * @param weights of the version that the lease needs
     * @param known statistics of the batch, of each round before the lease's work
     * @param before what the virtual worker keeps of its gradients before
     */
    record Compute(
            Lease lease, Elements weights, List<BatchStatistics> known, CompressorState before)
            implements WorkerDecision {}

    /** End the membership. */
    record Leave(boolean complete, String reason) implements WorkerDecision {}
}
