package dev.tutti.worker;

import dev.tutti.common.chaos.WorkerFaults;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.step.GradientSource;
import dev.tutti.common.step.ProcessInfo;
import dev.tutti.common.step.ShardComputer;
import dev.tutti.proto.Transport;
import java.time.Duration;

/**
 * What a worker process is.
 *
 * @param transport to the coordinator
 * @param info what it says of itself
 * @param kernel for its matrix products
 * @param data where its data comes from
 * @param patience how long it tries to reach a coordinator that does not answer
 * @param gradients makes what its workers compute with
 * @param mishaps what befalls its contributions on their way
 */
public record WorkerConfig(
        Transport transport,
        ProcessInfo info,
        Kernel kernel,
        DataProvider data,
        Duration patience,
        GradientSource.Factory gradients,
        Mishaps mishaps) {
    /** Describes a process whose workers compute the gradients themselves. */
    public WorkerConfig(
            Transport transport,
            ProcessInfo info,
            Kernel kernel,
            DataProvider data,
            Duration patience) {
        this(transport, info, kernel, data, patience, ShardComputer::new, Mishaps.NONE);
    }

    /** Returns the process with other gradients. */
    public WorkerConfig with(GradientSource.Factory other) {
        return new WorkerConfig(transport, info, kernel, data, patience, other, mishaps);
    }

    /** Returns the process with faults of its own: for those who study how a run stands them. */
    public WorkerConfig with(WorkerFaults faults) {
        return new WorkerConfig(
                transport,
                info,
                kernel,
                data,
                patience,
                FaultyGradients.of(gradients, faults),
                faults::onTheWay);
    }
}
