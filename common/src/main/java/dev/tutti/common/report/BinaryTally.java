package dev.tutti.common.report;

import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/** Counts right and wrong answers to targets of 0 and 1. */
final class BinaryTally implements Tally {
    private final Targets.Values values;
    private final Loss loss;
    private final int[] right; // by column: target 1, answer 1
    private final int[] wrong; // target 0, answer 1
    private final int[] missed; // target 1, answer 0
    private int samples;

    BinaryTally(Targets.Values values, Loss loss) {
        this.values = values;
        this.loss = loss;
        var width = values.names().size();
        this.right = new int[width];
        this.wrong = new int[width];
        this.missed = new int[width];
    }

    @Override
    public void add(int[] rows, int from, int to, MemorySegment outputs) {
        var width = right.length;
        for (var i = from; i < to; i++) {
            for (var k = 0; k < width; k++) {
                var one = Floats.get(values.bytes(), (long) rows[i] * width + k) == 1;
                var said = Floats.get(outputs, (long) (i - from) * width + k) > loss.threshold();
                right[k] += one && said ? 1 : 0;
                wrong[k] += !one && said ? 1 : 0;
                missed[k] += one && !said ? 1 : 0;
            }
        }
        samples += to - from;
    }

    @Override
    public BinaryReport report() {
        return new BinaryReport(
                samples,
                loss.valueOf(loss.threshold()),
                IntStream.range(0, right.length)
                        .mapToObj(k ->
                                BinaryReport.Figures.of(
                                        values.names().get(k),
                                        samples,
                                        new Counts(right[k], wrong[k], missed[k])))
                        .toList());
    }
}
