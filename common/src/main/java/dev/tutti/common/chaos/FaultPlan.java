package dev.tutti.common.chaos;

import dev.tutti.common.chaos.FaultSource.RunSize;
import dev.tutti.common.plugin.PlugInException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The faults that a run is to stand, by step. A pure function of its text and of the run's size.
 *
 * @param faults in the order of their steps, those of one step as they were written
 */
public record FaultPlan(List<Fault> faults) {
    /** The plan without faults. */
    public static final FaultPlan NONE = new FaultPlan(List.of());

    /** The first step that faults may strike in: before it the workers are still coming. */
    static final long FIRST_STEP = 2;

    /** Copies the list. */
    public FaultPlan {
        faults = List.copyOf(faults);
    }

    /**
     * Returns the plan of a text such as {@code kill(worker=2,step=30),join(step=40)}.
     *
     * @throws PlugInException if it cannot be read, or strikes what is not there
     */
    public static FaultPlan of(String text, RunSize size) {
        var drawn = new ArrayList<Fault>();
        for (var source : Fault.CATALOGUE.parseList(text)) {
            drawn.addAll(source.faults(size));
        }
        drawn.sort(Comparator.comparingLong(Fault::step));
        drawn.forEach(fault -> requireStep(fault, size));
        requireVictims(drawn, size);
        return new FaultPlan(drawn);
    }

    private static void requireStep(Fault fault, RunSize size) {
        if (fault.step() < FIRST_STEP || fault.step() > size.steps()) {
            throw new PlugInException(
                    "fault %s: step must be from %d to the run's last, %d"
                            .formatted(fault.text(), FIRST_STEP, size.steps()));
        }
    }

    private static void requireVictims(List<Fault> inOrder, RunSize size) {
        var started = (long) size.processes();
        for (var fault : inOrder) {
            var worker = fault.victim().orElse(0);
            if (worker < 0 || worker >= started) {
                throw new PlugInException(
                        "fault %s: worker must be from 0 to %d, for so many processes are started until then; a join(step) before would start another"
                                .formatted(fault.text(), started - 1));
            }
            started += fault instanceof ProcessFault.Join ? 1 : 0;
        }
    }

    /** Returns the plan without those that have struck before. */
    public FaultPlan without(Collection<StruckFault> struck) {
        var left = new ArrayList<>(faults);
        for (var gone : struck) {
            left.stream()
                    .filter(fault -> fault.text().equals(gone.fault()))
                    .findFirst()
                    .ifPresent(left::remove);
        }
        return new FaultPlan(left);
    }

    /** Returns what strikes whole processes. */
    public List<ProcessFault> ofProcesses() {
        return faults.stream()
                .filter(ProcessFault.class::isInstance)
                .map(ProcessFault.class::cast)
                .toList();
    }

    /** Returns what one worker process carries out in itself. */
    public FaultPlan within(int worker) {
        return new FaultPlan(
                faults.stream()
                        .filter(fault -> !(fault instanceof ProcessFault))
                        .filter(fault -> fault.victim().orElse(-1) == worker)
                        .toList());
    }

    /** Returns the text that gives this plan again. */
    @Override
    public String toString() {
        return faults.stream().map(Fault::text).collect(Collectors.joining(","));
    }
}
