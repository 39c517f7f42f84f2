package dev.tutti.worker;

import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.chaos.WorkerFaults;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.step.compute.GradientSource;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A source of gradients with the faults of its process: now and then it is slow, or wrong. */
record FaultyGradients(GradientSource right, WorkerFaults faults) implements GradientSource {
    /** Bits of the shortest mantissa, which are the lowest of a number in memory. */
    private static final int MANTISSA = 7;

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
        var flips = faults.flips(lease);
        // Nothing of a gradient is sent before its bit is flipped.
        var told = flips ? SubtreeSum.Progress.NONE : progress;
        var totals = right.train(lease, weights, known, out, told);
        if (flips) {
            flip(lease, out);
        }
        if (faults.poisons(lease)) {
            Elements.of(MemorySegment.ofArray(new float[] {Float.NaN})).copyTo(out);
        }
        delay(faults.slowness(lease), System.nanoTime() - start);
        return totals;
    }

    /** Flips a bit of a mantissa: no number becomes an infinity, which anybody would notice. */
    private static void flip(Lease lease, Elements out) {
        var random = Seeds.of(lease.work().step(), "flip-bit", lease.shards().from());
        var at = Long.remainderUnsigned(random.nextLong(), out.count()) * out.precision().bytes();
        var flipped = out.memory().get(ValueLayout.JAVA_BYTE, at) ^ 1 << random.nextInt(MANTISSA);
        out.memory().set(ValueLayout.JAVA_BYTE, at, (byte) flipped);
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
