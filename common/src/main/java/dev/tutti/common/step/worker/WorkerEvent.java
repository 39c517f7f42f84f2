package dev.tutti.common.step.worker;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.step.compute.VectorCode;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import java.util.Optional;

/** Something that happened to a worker process. */
public sealed interface WorkerEvent {
    /** The coordinator sent a message. */
    record Received(ToWorker message) implements WorkerEvent {}

    /** The data that the welcome asked for is there. */
    record DataLoaded() implements WorkerEvent {}

    /**
     * A worker knows a part of the gradient of a lease that trains, and computes the rest.
     *
     * @param totals of the whole lease
     * @param gradient the sum over the lease, on loan to the machine from the first part on
     * @param from the first float of the part, which reaches to the end
     */
    record Progressed(Lease lease, Totals totals, Payload gradient, long from)
            implements WorkerEvent {}

    /**
     * A worker has computed a lease that trains.
     *
     * @param gradient the sum over the lease, on loan to the machine
     * @param encoded its code, if the run has a compressor; the gradient is what the code stands
     *     for
     */
    record Computed(
            Lease lease,
            Totals totals,
            long nanos,
            Payload gradient,
            Optional<VectorCode.Encoded> encoded)
            implements WorkerEvent {
        /** A gradient that is sent as it is. */
        public Computed(Lease lease, Totals totals, long nanos, Payload gradient) {
            this(lease, totals, nanos, gradient, Optional.empty());
        }
    }

    /**
     * A worker has computed a lease that evaluates or measures.
     *
     * @param statistics of the batch, if it measures
     */
    record EvaluationComputed(Lease lease, Totals totals, BatchStatistics statistics, long nanos)
            implements WorkerEvent {}

    /** A worker could not compute a lease. */
    record ComputationFailed(Lease lease, String reason) implements WorkerEvent {}

    /** The process is to end in order. */
    record LeaveWanted(String reason) implements WorkerEvent {}
}
