package dev.tutti.common.optim;

/** How the learning rate changes during a run: a pure function of the step. */
public interface Schedule {
    /**
     * Returns what the optimizer's rate is multiplied by. Once it is 0 or infinite it stays so, and
     * a run can be checked by its ends.
     *
     * @param step steps taken before this one
     */
    double factor(long step);

    /**
     * Returns the schedule for a run of so many steps; one that leaves its length open takes it.
     */
    default Schedule over(long steps) {
        return this;
    }
}
