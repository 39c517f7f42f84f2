package dev.tutti.deploy.relay;

import dev.tutti.common.step.run.RunSpec;
import io.grpc.Channel;
import java.lang.foreign.MemorySegment;

/** Gets the dataset file of a run, which a relay serves to its members. */
public interface RelayData {
    /**
     * Returns the file that has the spec's digest; may take long.
     *
     * @param coordinator where it can be fetched from
     * @throws dev.tutti.common.data.DataException if it cannot be had
     */
    MemorySegment file(RunSpec spec, Channel coordinator);
}
