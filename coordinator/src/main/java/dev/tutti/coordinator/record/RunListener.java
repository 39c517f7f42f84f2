package dev.tutti.coordinator.record;

import dev.tutti.common.average.Totals;
import dev.tutti.common.chaos.StruckFault;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.course.StepReport;
import java.util.List;

/** Is told how a run goes, on the coordinator's thread: be quick. */
public interface RunListener {
    /** A step has been taken. */
    void stepTaken(StepReport report);

    /** A part of the data has been evaluated. */
    void evaluated(long step, int epoch, Part part, Totals totals);

    /** Something happened that a reader should know, such as the loss of a worker. */
    void warned(String line);

    /** Returns the faults that were ordered and have struck, for the summary. */
    default List<StruckFault> faults() {
        return List.of();
    }
}
