package dev.tutti.common.average.observe;

import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.average.mixing.Mixings;
import dev.tutti.common.average.observe.Observation.Seen;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.average.pipeline.GradientLayout.Part;
import dev.tutti.common.average.pipeline.StepAverage;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.average.rule.DistanceRule;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at the gradients that an averaging rule gets, and at what rules make of them.
 *
 * @param averaging the run's
 * @param shadows the rules to try beside it
 * @param population training samples; 0 if shards do not differ by chance alone
 */
public record Microscope(Averaging averaging, List<Averaging> shadows, long population) {
    /** Copies the list. */
    public Microscope {
        shadows = List.copyOf(shadows);
    }

    /** Returns the microscope of a run. */
    public static Microscope of(Averaging averaging, Observing observing, long population) {
        return new Microscope(
                averaging,
                observing.shadows().stream()
                        .map(rule ->
                                new Averaging(
                                        rule,
                                        List.of(),
                                        averaging.faults(),
                                        averaging.layout(),
                                        averaging.seed()))
                        .toList(),
                population);
    }

    /** Returns the layers, in the order of the flat vector. */
    public List<Part> layers() {
        return averaging.layout().parts(true).stream().filter(Part::isGradient).toList();
    }

    /**
     * Returns how the shards' gradients lie.
     *
     * @param grams of each layer, after the attack
     * @param samples of each shard
     * @param step counted from 0
     */
    public Seen look(ShardVectors vectors, List<Gram> grams, int[] samples, long step) {
        var honest = samples.length - averaging.faults().faulty();
        var whole = grams.stream().reduce(Gram::plus).orElseThrow();
        var seen = new ArrayList<Shadow>();
        if (!averaging.isLinear()) {
            seen.add(shadow(averaging, true, vectors, grams, samples, step));
        }
        for (var shadow : shadows) {
            // The last batch of an epoch may have too few shards with samples.
            if (samples.length >= shadow.rule().vectorsMin()) {
                seen.add(shadow(shadow, false, vectors, grams, samples, step));
            }
        }
        return new Seen(
                Agreement.of(whole, samples, honest, population),
                grams.stream()
                        .map(gram -> Agreement.of(gram, samples, honest, population))
                        .toList(),
                seen);
    }

    private Shadow shadow(
            Averaging other,
            boolean isOfRun,
            ShardVectors vectors,
            List<Gram> grams,
            int[] samples,
            long step) {
        var byLayer = other.rule() instanceof DistanceRule rule && rule.isByLayer();
        var ofParts = byLayer ? grams : List.of(grams.stream().reduce(Gram::plus).orElseThrow());
        var weights = Agreement.meanWeights(samples, samples.length - averaging.faults().faulty());
        return new ShadowPass(
                        vectors, other, StepAverage.of(other, step, samples, ofParts), weights)
                .shadow(name(other), isOfRun, layers());
    }

    private static String name(Averaging averaging) {
        var rule = AveragingRules.CATALOGUE.format(averaging.rule());
        return averaging.mixings().isEmpty()
                ? rule
                : Mixings.format(averaging.mixings()) + "," + rule;
    }
}
