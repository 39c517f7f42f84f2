package dev.tutti.common.chaos;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;
import java.util.OptionalInt;

/**
 * One fault, and the step in which it strikes. A worker process is named by the number that its log
 * has, {@code worker-2.log}: from 0 in the order of starting, and on from there for those that
 * {@link ProcessFault.Join} starts.
 */
public sealed interface Fault extends FaultSource permits ProcessFault, ComputeFault, SendFault {
    /**
     * The catalogue; a new fault is one record, one line here, and the code that carries it out.
     */
    Catalogue<FaultSource> CATALOGUE =
            Catalogue.of(
                    "fault",
                    FaultSource.class,
                    List.of(
                            ProcessFault.Kill.class,
                            ProcessFault.Pause.class,
                            ComputeFault.Slow.class,
                            SendFault.DropLink.class,
                            SendFault.Duplicate.class,
                            SendFault.Corrupt.class,
                            ComputeFault.Nan.class,
                            ComputeFault.FlipBit.class,
                            ProcessFault.Leave.class,
                            ProcessFault.Join.class,
                            ProcessFault.KillCoordinator.class,
                            Random.class));

    /** Returns the step in which it strikes, counted from 1 as in {@code steps.jsonl}. */
    long step();

    /** Returns the number of the worker process that it strikes; empty if it strikes none. */
    OptionalInt victim();

    @Override
    default List<Fault> faults(RunSize size) {
        return List.of(this);
    }

    /** Returns the fault as it would be written. */
    default String text() {
        return CATALOGUE.format(this);
    }
}
