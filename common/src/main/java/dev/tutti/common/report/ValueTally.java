package dev.tutti.common.report;

import dev.tutti.common.data.Standardization;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Adds up in doubles how far real values are off. The mean of the targets is known first, so that
 * no large squares are subtracted from one another.
 */
final class ValueTally implements Tally {
    private final Targets.Values values;
    private final Loss loss;
    private final Optional<Standardization> scaling;
    private final double[] means; // by column
    private final double[] distances; // Σ|t − y|
    private final double[] squares; // Σ(t − y)²
    private final double[] spreads; // Σ(t − mean)²
    private int samples;

    ValueTally(Targets.Values values, Loss loss, int[] rows, Optional<Standardization> scaling) {
        this.values = values;
        this.loss = loss;
        this.scaling = scaling;
        var width = values.names().size();
        this.means = new double[width];
        this.distances = new double[width];
        this.squares = new double[width];
        this.spreads = new double[width];
        for (var row : rows) {
            for (var k = 0; k < width; k++) {
                means[k] += target(row, k);
            }
        }
        for (var k = 0; k < width; k++) {
            means[k] /= rows.length;
        }
    }

    private double target(int row, int k) {
        return Floats.get(values.bytes(), (long) row * means.length + k);
    }

    @Override
    public void add(int[] rows, int from, int to, MemorySegment outputs) {
        var width = means.length;
        for (var i = from; i < to; i++) {
            for (var k = 0; k < width; k++) {
                var target = target(rows[i], k);
                var off = target - loss.valueOf(Floats.get(outputs, (long) (i - from) * width + k));
                distances[k] += Math.abs(off);
                squares[k] += off * off;
                spreads[k] += (target - means[k]) * (target - means[k]);
            }
        }
        samples += to - from;
    }

    @Override
    public ValueReport report() {
        return new ValueReport(
                samples, IntStream.range(0, means.length).mapToObj(this::figures).toList());
    }

    private ValueReport.Figures figures(int k) {
        var unit = scaling.map(measured -> measured.deviations().get(k)).orElse(1.0);
        return new ValueReport.Figures(
                values.names().get(k),
                spreads[k] == 0 ? null : 1 - squares[k] / spreads[k],
                unit * distances[k] / samples,
                unit * Math.sqrt(squares[k] / samples));
    }
}
