package dev.tutti.common.step;

import dev.tutti.common.kernel.Elements;

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
     */
    record Compute(Lease lease, Elements weights) implements WorkerDecision {}

    /** End the membership. */
    record Leave(boolean complete, String reason) implements WorkerDecision {}
}
