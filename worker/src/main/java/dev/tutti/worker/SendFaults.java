package dev.tutti.worker;

import dev.tutti.common.chaos.SendFault;
import dev.tutti.common.step.run.Lease;
import java.util.Optional;

/** The faults that strike contributions while they are sent, in a run that studies faults. */
@FunctionalInterface
public interface SendFaults {
    /** None, as in every other run. */
    SendFaults NONE = _ -> Optional.empty();

    /** Returns the fault that is due for the next chunk of a lease's contribution. */
    Optional<SendFault> dueFor(Lease lease);
}
