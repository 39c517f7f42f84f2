package dev.tutti.common.step.course;

import dev.tutti.common.average.Totals;
import dev.tutti.common.step.run.SamplePlan;

/** Counts the samples of an epoch against the plan (law 3). */
final class Ledger {
    private int planned;
    private long counted;
    private long hashDifference;
    private int inexactSteps;

    /** Enters a step: what the plan says of it, and what its contributions counted. */
    void enter(SamplePlan.Expected plan, Totals totals) {
        var difference = plan.hash() - totals.sampleHash();
        planned += plan.samples();
        counted += totals.samples();
        hashDifference += difference;
        inexactSteps += difference == 0 && plan.samples() == totals.samples() ? 0 : 1;
    }

    /** Closes the epoch and opens the next. */
    LedgerEntry close(int epoch) {
        var exact = planned == counted && hashDifference == 0 && inexactSteps == 0;
        var entry = new LedgerEntry(epoch, planned, counted, exact);
        planned = 0;
        counted = 0;
        hashDifference = 0;
        inexactSteps = 0;
        return entry;
    }

    /** Returns the account so far. */
    SavedLedger saved() {
        return new SavedLedger(planned, counted, hashDifference, inexactSteps);
    }

    /** Goes on with an account. */
    void resume(SavedLedger saved) {
        planned = saved.planned();
        counted = saved.counted();
        hashDifference = saved.hashDifference();
        inexactSteps = saved.inexactSteps();
    }
}
