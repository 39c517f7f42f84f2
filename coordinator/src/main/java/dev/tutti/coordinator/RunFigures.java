package dev.tutti.coordinator;

import dev.tutti.common.average.Totals;
import dev.tutti.common.step.Part;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What a run's summary has counted so far, and how long its files are: the part of a checkpoint
 * that no bit of the weights follows from.
 *
 * @param kernels of the workers
 * @param workers numbers of those that computed
 * @param processes worker processes that came over the network
 * @param ledger closed epochs
 * @param evaluations the latest of each part
 * @param stepsBytes length of {@code steps.jsonl}
 * @param epochsBytes length of {@code epochs.jsonl}
 * @param port that the workers know, 0 within one process
 */
record RunFigures(
        SortedSet<String> kernels,
        SortedSet<Integer> workers,
        int processes,
        long steps,
        long samples,
        Totals epochTotals,
        @Nullable Double trainLoss,
        Map<Part, Totals> evaluations,
        List<RunSummary.LedgerLine> ledger,
        StepTimes.Saved times,
        int lostWorkers,
        int reassignedShards,
        long sentBytes,
        long receivedBytes,
        long stepsBytes,
        long epochsBytes,
        int port) {
    /** The figures of a run that has not begun. */
    static final RunFigures NONE =
            new RunFigures(
                    Collections.emptySortedSet(),
                    Collections.emptySortedSet(),
                    0,
                    0,
                    0,
                    Totals.NONE,
                    null,
                    Map.of(),
                    List.of(),
                    StepTimes.Saved.NONE,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0);

    String toJson() {
        return RecordJson.line(this);
    }

    static RunFigures parse(String json) {
        return RecordJson.parse("the checkpoint's figures", json, RunFigures.class);
    }
}
