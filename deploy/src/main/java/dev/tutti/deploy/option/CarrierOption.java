package dev.tutti.deploy.option;

import dev.tutti.proto.Carrier;
import picocli.CommandLine.Option;

/** The option that chooses how tensors travel, for both ends of a connection. */
public final class CarrierOption {
    @Option(
            names = "--carrier",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "how tensors travel: auto uses shared memory between processes of one host and bytes between hosts; shared or inline forces one; default: ${DEFAULT-VALUE}")
    public Carrier carrier = Carrier.AUTO;
}
