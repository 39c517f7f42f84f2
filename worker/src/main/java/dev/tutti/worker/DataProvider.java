package dev.tutti.worker;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.step.run.RunSpec;
import io.grpc.Channel;

/** Gets the data of a run. */
public interface DataProvider {
    /**
     * Returns the dataset whose file has the spec's digest; may take long.
     *
     * @param coordinator where it can be fetched from
     * @throws dev.tutti.common.data.DataException if it cannot be had
     */
    Dataset get(RunSpec spec, Channel coordinator);
}
