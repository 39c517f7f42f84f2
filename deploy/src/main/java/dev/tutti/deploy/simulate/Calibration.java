package dev.tutti.deploy.simulate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.deploy.bench.measure.Spread;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Optional;

/**
 * What the steps of a real run took, as its {@code steps.jsonl} tells. The first tenth of the steps
 * is left out: the program still gets faster there.
 *
 * @param steps that were used
 * @param nanosPerSample of a worker, the median over all contributions
 * @param restNanos of a step beside its longest computation, the median: to send, to add and to
 *     step
 * @param contributors of a step, the median
 */
public record Calibration(int steps, double nanosPerSample, double restNanos, int contributors) {
    private static final int LEFT_OUT = 10;

    /** Reads the lines of a run's steps, in their order; empty if they have no timings. */
    public static Optional<Calibration> of(Collection<JsonNode> lines) {
        var perSample = new ArrayList<Double>();
        var rests = new ArrayList<Double>();
        var contributors = new ArrayList<Double>();
        var used =
                lines.stream()
                        .skip(lines.size() / LEFT_OUT)
                        .filter(line -> line.path("millis").path("total").isNumber())
                        .toList();
        for (var line : used) {
            var longest = 0.0;
            var count = 0;
            for (var contribution : line.path("contributions")) {
                var millis = contribution.path("computeMillis").asDouble();
                var of = contribution.path("samples").asDouble();
                if (millis > 0 && of > 0) {
                    perSample.add(millis * 1e6 / of);
                    longest = Math.max(longest, millis);
                    count++;
                }
            }
            if (count > 0) {
                rests.add((line.path("millis").path("total").asDouble() - longest) * 1e6);
                contributors.add((double) count);
            }
        }
        if (rests.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Calibration(
                        rests.size(),
                        Spread.of(perSample).median(),
                        Math.max(0, Spread.of(rests).median()),
                        (int) Math.round(Spread.of(contributors).median())));
    }

    /**
     * Returns what a receiver needs for a float: all of a step that is not computing, over the
     * vectors that came in.
     */
    public double intakeNanosPerFloat(long floats) {
        return restNanos / floats / contributors;
    }
}
