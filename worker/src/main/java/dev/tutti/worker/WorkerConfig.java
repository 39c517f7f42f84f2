package dev.tutti.worker;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.step.ProcessInfo;
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
 */
public record WorkerConfig(
        Transport transport,
        ProcessInfo info,
        Kernel kernel,
        DataProvider data,
        Duration patience) {}
