package dev.tutti.worker;

import dev.tutti.common.chaos.WorkerFaults;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.step.compute.GradientSource;
import dev.tutti.common.step.compute.ShardComputer;
import dev.tutti.common.step.course.MemoryNeed;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.proto.Transport;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a worker process is.
 *
 * @param transport to the coordinator
 * @param info what it says of itself
 * @param kernel for its matrix products
 * @param data where its data comes from
 * @param patience how long it tries to reach a coordinator that does not answer
 * @param gradients makes what its workers compute with
 * @param sendFaults the faults that strike its contributions while they are sent
 * @param ground tells what this machine has too little of for what a run needs, if anything
 */
public record WorkerConfig(
        Transport transport,
        ProcessInfo info,
        Kernel kernel,
        DataProvider data,
        Duration patience,
        GradientSource.Factory gradients,
        SendFaults sendFaults,
        Function<MemoryNeed, Optional<String>> ground) {
    /** Describes a process whose workers compute the gradients themselves. */
    public WorkerConfig(
            Transport transport,
            ProcessInfo info,
            Kernel kernel,
            DataProvider data,
            Duration patience) {
        this(
                transport,
                info,
                kernel,
                data,
                patience,
                ShardComputer::new,
                SendFaults.NONE,
                _ -> Optional.empty());
    }

    /** Returns the process with a look at its machine before it begins. */
    public WorkerConfig on(Function<MemoryNeed, Optional<String>> look) {
        return new WorkerConfig(
                transport, info, kernel, data, patience, gradients, sendFaults, look);
    }

    /** Returns the process with other gradients. */
    public WorkerConfig with(GradientSource.Factory other) {
        return new WorkerConfig(transport, info, kernel, data, patience, other, sendFaults, ground);
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
                faults::onTheWay,
                ground);
    }
}
