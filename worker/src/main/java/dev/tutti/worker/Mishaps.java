package dev.tutti.worker;

import dev.tutti.common.chaos.SendFault;
import dev.tutti.common.step.run.Lease;
import java.util.Optional;

/** What befalls contributions on their way to the coordinator, in a run that studies faults. */
@FunctionalInterface
public interface Mishaps {
    /** Nothing, as in every other run. */
    Mishaps NONE = _ -> Optional.empty();

    /** Returns what befalls the next chunk of the lease's contribution. */
    Optional<SendFault> of(Lease lease);
}
