package dev.tutti.common.average;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.attack.Faults;
import dev.tutti.common.average.observe.Agreement;
import dev.tutti.common.average.observe.Microscope;
import dev.tutti.common.average.observe.Observation;
import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.average.observe.Shadow;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.average.pipeline.GradientLayout;
import dev.tutti.common.average.rule.AveragingRule;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.average.rule.Mean;
import dev.tutti.common.random.Seeds;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The figures of the microscope against their definitions, worked out in plain loops. */
class MicroscopeTest {
    private static final int SEED = 20;
    private static final int LENGTH = 2600;
    private static final List<Long> LAYERS = List.of(0L, 3L, 1500L);
    private static final int TRAINED = 2500;
    private static final GradientLayout LAYOUT = new GradientLayout(LAYERS, TRAINED);
    private static final long POPULATION = 1000;

    @Test
    void figuresAreThoseOfTheirDefinitions() {
        var batch = ShardBatch.drawn(Seeds.of(SEED, "microscope"), 7, LENGTH);
        var seen = look(averaging("mean", Faults.NONE), List.of(), batch, 64);
        same(seen.whole(), batch, 0, TRAINED, 7);
        assertThat(seen.layers()).hasSize(3);
        for (var i = 0; i < 3; i++) {
            var to = i < 2 ? LAYERS.get(i + 1).intValue() : TRAINED;
            same(seen.layers().get(i), batch, LAYERS.get(i).intValue(), to, 7);
        }
        assertThat(seen.shadows()).isEmpty();
    }

    @Test
    void theMeanIsThatOfHonestShards() {
        var batch = ShardBatch.drawn(Seeds.of(SEED, "honest"), 7, LENGTH);
        var faults = Faults.of("scale(factor=-100.0)", 2);
        var seen = look(averaging("median", faults), List.of(), batch, 64);
        same(seen.whole(), batch, 0, TRAINED, 5);
        assertThat(seen.whole().norms().getLast())
                .isGreaterThan(50 * seen.whole().norms().getFirst());
    }

    /** Any cut, any order of arrival: the same bits. */
    @Test
    void whatIsSeenDependsOnNoChunk() {
        var batch = ShardBatch.drawn(Seeds.of(SEED, "chunks"), 6, LENGTH);
        var rules = AveragingRules.CATALOGUE.parseList("median,adasum,bulyan(f=0)");
        var averaging = averaging("mean", Faults.NONE);
        var whole = look(averaging, rules, batch, LENGTH);
        for (var chunkFloats : new int[] {7, 100, 1024, 2599}) {
            assertThat(look(averaging, rules, batch, chunkFloats)).isEqualTo(whole);
        }
    }

    /** Every rule of the catalogue that takes so many vectors. */
    @Test
    void shadowsAreWhatTheRulesWouldHaveMade() {
        var batch = ShardBatch.drawn(Seeds.of(SEED, "shadows"), 8, LENGTH);
        var rules =
                AveragingRules.CATALOGUE.parseList(
                        "mean,median,trimmed-mean(f=2),krum(f=1),multi-krum(f=1),bulyan(f=1),geometric-median,centered-clipping(tau=20.0),adasum,sign-vote");
        assertThat(rules.stream().map(Object::getClass).distinct().count())
                .isEqualTo(AveragingRules.CATALOGUE.names().size());
        var seen = look(averaging("median", Faults.NONE), rules, batch, 64);
        assertThat(seen.shadows()).hasSize(rules.size() + 1);
        assertThat(seen.shadows().getFirst().isOfRun()).isTrue();
        for (var i = 0; i < rules.size(); i++) {
            var shadow = seen.shadows().get(i + 1);
            assertThat(shadow.rule()).isEqualTo(AveragingRules.CATALOGUE.format(rules.get(i)));
            same(shadow, rules.get(i), batch);
        }
        assertThat(seen.shadows().get(1).whole().cosine()).isCloseTo(1, within(1e-6));
        assertThat(seen.shadows().get(1).whole().distance()).isCloseTo(0, within(1e-6));
    }

    /** The last batch of an epoch may have fewer shards with samples than a rule needs. */
    @Test
    void aRuleThatNeedsMoreShardsIsLeftOut() {
        var batch = ShardBatch.drawn(Seeds.of(SEED, "few"), 4, LENGTH);
        var rules = AveragingRules.CATALOGUE.parseList("krum(f=1),median");
        var seen = look(averaging("mean", Faults.NONE), rules, batch, 64);
        assertThat(seen.shadows()).extracting(Shadow::rule).containsExactly("median");
    }

    private static Averaging averaging(String rule, Faults faults) {
        return new Averaging(AveragingRules.CATALOGUE.parse(rule), List.of(), faults, LAYOUT, SEED);
    }

    private static Observation.Seen look(
            Averaging averaging, List<AveragingRule> shadows, ShardBatch batch, int chunkFloats) {
        var observing = new Observing(1, shadows, 0, 0);
        var lens =
                new StepLens(
                        Arena.ofAuto(),
                        observing,
                        Microscope.of(averaging, observing, POPULATION),
                        new Chunks(LENGTH, chunkFloats),
                        0,
                        (_, _) -> {});
        batch.average(averaging, lens, 0, chunkFloats, chunkFloats, 2);
        return lens.take(0, shard -> shard).orElseThrow().seen().orElseThrow();
    }

    private static void same(Agreement seen, ShardBatch batch, int from, int to, int honest) {
        var vectors = batch.doubles();
        var samples = batch.samples();
        var all = Arrays.stream(samples).limit(honest).sum();
        var mean = new double[LENGTH];
        for (var k = from; k < to; k++) {
            for (var i = 0; i < honest; i++) {
                mean[k] += samples[i] * vectors[i][k] / all;
            }
        }
        var between = 0.0;
        for (var i = 0; i < honest; i++) {
            var apart = 0.0;
            for (var k = from; k < to; k++) {
                apart += Math.pow(vectors[i][k] - mean[k], 2);
            }
            between += samples[i] * apart;
            assertThat(seen.norms().get(i)).isCloseTo(norm(vectors[i], from, to), within(1e-9));
            assertThat(seen.cosines().get(i))
                    .isCloseTo(
                            dot(vectors[i], mean, from, to)
                                    / norm(vectors[i], from, to)
                                    / norm(mean, from, to),
                            within(1e-9));
        }
        var variance = between / (honest - 1);
        assertThat(seen.meanNorm()).isCloseTo(norm(mean, from, to), within(1e-9));
        assertThat(seen.variance()).isCloseTo(variance, within(1e-6));
        assertThat(seen.squaredNorm())
                .isCloseTo(
                        dot(mean, mean, from, to)
                                - (1 - (double) all / POPULATION) * variance / all,
                        within(1e-6));
    }

    private static void same(Shadow shadow, AveragingRule rule, ShardBatch batch) {
        var made = batch.average(new Averaging(rule, List.of(), Faults.NONE, LAYOUT, SEED));
        var mean = batch.average(new Averaging(new Mean(), List.of(), Faults.NONE, LAYOUT, SEED));
        var starts = new ArrayList<>(LAYERS);
        starts.add((long) TRAINED);
        same(shadow.whole(), made, mean, 0, TRAINED);
        for (var i = 0; i < LAYERS.size(); i++) {
            same(
                    shadow.layers().get(i),
                    made,
                    mean,
                    starts.get(i).intValue(),
                    starts.get(i + 1).intValue());
        }
    }

    private static void same(Shadow.Deviation seen, float[] made, float[] mean, int from, int to) {
        var left = doubles(made);
        var right = doubles(mean);
        var apart = IntStream.range(0, LENGTH).mapToDouble(k -> left[k] - right[k]).toArray();
        assertThat(seen.cosine())
                .isCloseTo(
                        dot(left, right, from, to) / norm(left, from, to) / norm(right, from, to),
                        within(1e-5));
        assertThat(seen.distance())
                .isCloseTo(norm(apart, from, to) / norm(right, from, to), within(1e-5));
    }

    private static double[] doubles(float[] vector) {
        return IntStream.range(0, vector.length).mapToDouble(i -> vector[i]).toArray();
    }

    private static double norm(double[] vector, int from, int to) {
        return Math.sqrt(dot(vector, vector, from, to));
    }

    private static double dot(double[] left, double[] right, int from, int to) {
        return IntStream.range(from, to).mapToDouble(k -> left[k] * right[k]).sum();
    }
}
