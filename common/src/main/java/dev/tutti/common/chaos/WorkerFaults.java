package dev.tutti.common.chaos;

import dev.tutti.common.step.run.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The faults that a worker process carries out in itself: each strikes once, in the step that it
 * names or in the first one after that in which the process computes. A NaN spoils only what is
 * computed for the first time: found again, it would be a computation that fails for good. Any
 * thread may ask.
 */
public final class WorkerFaults {
    private final List<ComputeFault> computing = new ArrayList<>();
    private final List<SendFault> sending = new ArrayList<>();
    private final Consumer<StruckFault> struck;
    private double times = 1;
    private long slowUntilStep;

    /**
     * Makes the faults of a process.
     *
     * @param plan of this process alone
     * @param struck is told of every fault as it strikes
     */
    public WorkerFaults(FaultPlan plan, Consumer<StruckFault> struck) {
        this.struck = struck;
        for (var fault : plan.faults()) {
            switch (fault) {
                case ComputeFault compute -> computing.add(compute);
                case SendFault send -> sending.add(send);
                case ProcessFault _ -> {}
            }
        }
    }

    /** Returns how many times slower than usual the lease is computed. */
    public synchronized double slowness(Lease lease) {
        take(computing, ComputeFault.Slow.class, lease)
                .ifPresent(slow -> {
                    times = slow.times();
                    slowUntilStep = lease.work().step() + slow.steps();
                });
        return lease.work().step() < slowUntilStep ? times : 1;
    }

    /** Tells whether the lease's gradient gets a NaN. */
    public synchronized boolean poisons(Lease lease) {
        return lease.attempt() == 0 && take(computing, ComputeFault.Nan.class, lease).isPresent();
    }

    /** Tells whether a bit of the lease's gradient will be flipped. */
    public synchronized boolean flips(Lease lease) {
        return take(computing, ComputeFault.FlipBit.class, lease).isPresent();
    }

    /** Returns the fault that strikes the next chunk of the lease's contribution. */
    public synchronized Optional<SendFault> onTheWay(Lease lease) {
        return take(sending, SendFault.class, lease);
    }

    /** Takes the first fault of a kind that is due. */
    private <F extends Fault> Optional<F> take(
            List<? super F> pending, Class<F> kind, Lease lease) {
        // Version 30 of the weights is what step 31 begins with.
        var step = lease.work().step() + 1;
        var due =
                pending.stream()
                        .filter(kind::isInstance)
                        .map(kind::cast)
                        .filter(fault -> fault.step() <= step)
                        .findFirst();
        due.ifPresent(fault -> {
            pending.remove(fault);
            struck.accept(new StruckFault(step, fault.text()));
        });
        return due;
    }
}
