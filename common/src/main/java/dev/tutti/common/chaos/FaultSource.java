package dev.tutti.common.chaos;

import java.util.List;

/** What {@code --chaos} lists: faults, or a way to draw them. */
public sealed interface FaultSource permits Fault, Random {
    /** Returns the faults for a run of this size. */
    List<Fault> faults(RunSize size);

    /**
     * What a fault can strike.
     *
     * @param processes worker processes that the run starts with, numbered from 0
     * @param steps of the run
     */
    record RunSize(int processes, long steps) {
        /** Of a run that is not known, for a plan that was checked before. */
        public static final RunSize ANY = new RunSize(Integer.MAX_VALUE, Long.MAX_VALUE);
    }
}
