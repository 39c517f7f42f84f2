package dev.tutti.deploy.relay;

import dev.tutti.proto.Transport;
import java.time.Duration;

/**
 * What a relay is.
 *
 * @param above transport to the coordinator, or to another relay
 * @param below where its members come from
 * @param host its host's name
 * @param pid its process id there
 * @param data where the dataset file comes from
 * @param patience how long it tries to reach a coordinator that does not answer
 */
public record RelayConfig(
        Transport above,
        Transport below,
        String host,
        long pid,
        RelayData data,
        Duration patience) {}
