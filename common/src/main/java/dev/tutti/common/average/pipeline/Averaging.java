package dev.tutti.common.average.pipeline;

import dev.tutti.common.average.attack.Attack;
import dev.tutti.common.average.attack.Faults;
import dev.tutti.common.average.attack.VectorAttack;
import dev.tutti.common.average.mixing.GramMixing;
import dev.tutti.common.average.mixing.Mixing;
import dev.tutti.common.average.mixing.Mixings;
import dev.tutti.common.average.mixing.WorkerMomentum;
import dev.tutti.common.average.rule.AveragingRule;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.average.rule.CoordinateRule;
import dev.tutti.common.average.rule.DistanceRule;
import dev.tutti.common.average.rule.Mean;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How a run makes one vector of its shards' vectors. The faulty shards' are overwritten, then all
 * are mixed, then the rule averages them. Changes of statistics, which are no gradients, are
 * neither attacked nor mixed: their average is the {@link Mean}.
 *
 * @param rule averages
 * @param mixings in their order
 * @param faults which shards are faulty
 * @param layout of the vectors
 * @param seed of the run
 * @param followsLast whether the last of the vectors is no shard's, but the average of the step
 *     before
 */
public record Averaging(
        AveragingRule rule,
        List<Mixing> mixings,
        Faults faults,
        GradientLayout layout,
        long seed,
        boolean followsLast) {
    /** The mean over all samples, of vectors of any length. */
    public static final Averaging MEAN =
            new Averaging(new Mean(), List.of(), Faults.NONE, GradientLayout.WHOLE, 0);

    /** Leaves out mixings that change nothing. */
    public Averaging {
        mixings = mixings.stream().filter(mixing -> !mixing.isNeutral()).toList();
    }

    /** Makes the averaging of shards' vectors alone. */
    public Averaging(
            AveragingRule rule,
            List<Mixing> mixings,
            Faults faults,
            GradientLayout layout,
            long seed) {
        this(rule, mixings, faults, layout, seed, false);
    }

    /** Returns the same with another attack. */
    public Averaging with(VectorAttack attack) {
        return new Averaging(rule, mixings, faults.with(attack), layout, seed, followsLast);
    }

    /** Returns the same with the average of the step before behind the shards' vectors. */
    public Averaging followingLast() {
        return new Averaging(rule, mixings, faults, layout, seed, true);
    }

    /** Tells whether the rule begins with the average of the step before. */
    public boolean keepsAverage() {
        return rule instanceof DistanceRule known && known.keepsAverage();
    }

    /** Tells whether any vector is kept from step to step. */
    public boolean keepsVectors() {
        return workerMomentum() > 0 || faults.age() > 0 || keepsAverage();
    }

    /** Returns how many vectors are kept from step to step, of so many shards. */
    public long keptVectors(int shards) {
        return (workerMomentum() > 0 ? shards : 0)
                + (long) faults.age() * faults.faulty()
                + (keepsAverage() ? 1 : 0);
    }

    /** Returns how many of so many vectors are those of shards. */
    public int shards(int vectors) {
        return followsLast ? vectors - 1 : vectors;
    }

    /**
     * Tells whether the average is the sum over all samples, divided by their number; see {@link
     * AveragingRule#isLinear}. If not, each shard comes by itself.
     */
    public boolean isLinear() {
        return rule.isLinear() && mixings.isEmpty() && !faults.changesVectors();
    }

    /** Tells whether nothing can be averaged before all of all vectors is there. */
    public boolean needsWholeVectors() {
        return needsDistances() || faults.isTuned();
    }

    /** Tells whether the average follows from lengths and distances. */
    public boolean needsDistances() {
        return !(rule instanceof CoordinateRule)
                || mixings.stream().anyMatch(GramMixing.class::isInstance);
    }

    /** Returns the momentum of each virtual worker; 0 if they have none. */
    public double workerMomentum() {
        return !mixings.isEmpty() && mixings.getFirst() instanceof WorkerMomentum(var beta)
                ? beta
                : 0;
    }

    /** Returns the parts that are averaged by themselves, in the order of the flat vector. */
    public List<GradientLayout.Part> parts() {
        return layout.parts(rule instanceof DistanceRule known && known.isByLayer());
    }

    /**
     * Returns why a step of so many shards cannot be averaged like this, in one line; empty if it
     * can.
     */
    public Optional<String> refusal(int shards) {
        if (mixings.stream().skip(1).anyMatch(WorkerMomentum.class::isInstance)) {
            return Optional.of(
                    "--mixing worker-momentum must be the first of the mixings: the others mix what comes of it");
        }
        var vectors = shards;
        for (var mixing : mixings) {
            if (vectors < mixing.vectorsMin()) {
                var text = Mixings.format(List.of(mixing));
                return refusal("--mixing " + text, mixing.vectorsMin(), vectors, shards);
            }
            vectors = mixing.count(vectors);
        }
        return vectors < rule.vectorsMin()
                ? refusal(
                        "--average " + AveragingRules.CATALOGUE.format(rule),
                        rule.vectorsMin(),
                        vectors,
                        shards)
                : Optional.of(faults)
                        .filter(Faults::changesVectors)
                        .flatMap(f -> f.refusal(shards));
    }

    private static Optional<String> refusal(String option, long min, int found, int shards) {
        var mixed = found == shards ? "" : ", which the mixing makes of %d".formatted(shards);
        return Optional.of(
                "%s needs at least %d vectors, and there are %d shards%s: raise --shards, or choose another"
                        .formatted(option, min, found, mixed));
    }

    /** Returns what a run like this gives up, in one line for its reader; empty if nothing. */
    public Optional<String> givesUp() {
        return isLinear()
                ? Optional.empty()
                : Optional.of(
                        "averaging by %s%s: the weights are not those of one worker with the whole batch (law 1); they have the same bits for any number of workers"
                                .formatted(
                                        AveragingRules.CATALOGUE.format(rule),
                                        mixings.isEmpty()
                                                ? ""
                                                : " after " + Mixings.format(mixings)));
    }

    /** Returns what the faulty shards do, in one line for the run's reader; empty without any. */
    public Optional<String> attackLine(int shards) {
        return faults.attack().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "attack: shards %d to %d of each step are faulty: %s"
                                .formatted(
                                        shards - faults.faulty(), shards - 1, faults.attackText()));
    }

    /** Overwrites what the faulty shards have sent, from an index of the flat vector on. */
    public void strike(long step, long from, int count, float[][] vectors) {
        faults.strike(
                new Attack.Scene(seed, step, from),
                count,
                Arrays.copyOf(vectors, shards(vectors.length)));
    }
}
