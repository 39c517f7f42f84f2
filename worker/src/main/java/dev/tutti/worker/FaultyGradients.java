package dev.tutti.worker;

import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.chaos.WorkerFaults;
import dev.tutti.common.step.compute.GradientSource;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A source of gradients with the faults of its process: now and then it is slow, or wrong. */
record FaultyGradients(GradientSource right, WorkerFaults faults) implements GradientSource {
    /** Returns a factory whose sources have these faults. */
    static Factory of(Factory right, WorkerFaults faults) {
        return (arena, spec, data, model, kernel, pool) ->
                new FaultyGradients(right.make(arena, spec, data, model, kernel, pool), faults);
    }

    @Override
    public Precision precision(Lease lease) {
        return right.precision(lease);
    }

    @Override
    public Totals train(
            Lease lease,
            Elements weights,
            List<BatchStatistics> known,
            Elements out,
            SubtreeSum.Progress progress) {
        var start = System.nanoTime();
        var totals = right.train(lease, weights, known, out, progress);
        if (faults.poisons(lease)) {
            Elements.of(MemorySegment.ofArray(new float[] {Float.NaN})).copyTo(out);
        }
        delay(faults.slowness(lease), System.nanoTime() - start);
        return totals;
    }

    @Override
    public Measured measure(Lease lease, Elements weights, List<BatchStatistics> known) {
        var start = System.nanoTime();
        var measured = right.measure(lease, weights, known);
        delay(faults.slowness(lease), System.nanoTime() - start);
        return measured;
    }

    @Override
    public Totals evaluate(Lease lease, Elements weights) {
        return right.evaluate(lease, weights);
    }

    private static void delay(double times, long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep((long) ((times - 1) * nanos));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
