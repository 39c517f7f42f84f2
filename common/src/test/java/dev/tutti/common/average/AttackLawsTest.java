package dev.tutti.common.average;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.attack.Attack;
import dev.tutti.common.average.attack.Attacks;
import dev.tutti.common.average.attack.Faults;
import dev.tutti.common.average.attack.Noise;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.average.pipeline.GradientLayout;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.plugin.PlugInLaws;
import dev.tutti.common.random.Seeds;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every attack of the catalogue, as a run uses it. */
class AttackLawsTest {
    private static final int SEED = 20_261_202;
    private static final int SHARDS = 9;
    private static final int FAULTY = 3;
    private static final int LENGTH = 21;
    private static final int STEP = 4;

    /** What a faulty shard sends at a coordinate, of its own value and the honest ones. */
    @FunctionalInterface
    interface Oracle {
        double value(double own, double[] honest, int shard, int coordinate);
    }

    /** The oracle of each example; add one for a new attack. */
    private static final Map<String, Oracle> ORACLES = new LinkedHashMap<>();

    static {
        ORACLES.put("sign-flip", (own, _, _, _) -> -own);
        ORACLES.put("sign-flip(scale=5.0)", (own, _, _, _) -> -5 * own);
        ORACLES.put("scale(factor=100.0)", (own, _, _, _) -> 100 * own);
        ORACLES.put("scale(factor=0.0)", (own, _, _, _) -> 0 * own);
        ORACLES.put(
                "noise(sigma=0.5)",
                (own, _, shard, k) ->
                        own + 0.5 * Seeds.of(SEED, "noise attack", STEP, shard, k).nextGaussian());
        ORACLES.put("mimic", (_, honest, _, _) -> honest[0]);
        ORACLES.put("mimic(shard=4)", (_, honest, _, _) -> honest[4]);
        ORACLES.put("alie", (_, honest, _, _) -> mean(honest) - 1.5 * deviation(honest));
        ORACLES.put("alie(z=-0.25)", (_, honest, _, _) -> mean(honest) + 0.25 * deviation(honest));
        ORACLES.put("ipm", (_, honest, _, _) -> -0.1 * mean(honest));
        ORACLES.put("ipm(epsilon=2.0)", (_, honest, _, _) -> -2 * mean(honest));
    }

    private static final List<String> REFUSED =
            List.of(
                    "sign-flip(scale=0)",
                    "scale(factor=1)",
                    "scale(factor=inf)",
                    "noise(sigma=0)",
                    "mimic(shard=-1)",
                    "alie(z=0)",
                    "alie(z=NaN)",
                    "ipm(epsilon=0)");

    static Stream<String> texts() {
        return ORACLES.keySet().stream();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double deviation(double[] values) {
        var squares = Arrays.stream(values).map(x -> (x - mean(values)) * (x - mean(values))).sum();
        return Math.sqrt(squares / (values.length - 1));
    }

    @Test
    void everyAttackIsListedWithAnExampleAndAnOracle() {
        PlugInLaws.everyRecordIsListed(Attacks.CATALOGUE, Attack.class);
        PlugInLaws.everyNameHasAnExample(Attacks.CATALOGUE, texts().toList());
        PlugInLaws.textsRoundTrip(Attacks.CATALOGUE, texts().toList());
        PlugInLaws.defaultsAreNotPrinted(Attacks.CATALOGUE, texts().toList());
        PlugInLaws.textsAreRefused(Attacks.CATALOGUE, REFUSED);
        PlugInLaws.everyArgumentIsGuarded(Attacks.CATALOGUE, REFUSED);
    }

    @ParameterizedTest
    @MethodSource("texts")
    void faultyShardsSendWhatTheOracleSays(String text) {
        var batch = batch();
        var vectors = batch.vectors();
        Faults.of(text, FAULTY).strike(new Attack.Scene(SEED, STEP, 0), LENGTH, vectors);
        assertThat(vectors).isDeepEqualTo(attacked(text));
    }

    private static float[][] attacked(String text) {
        var batch = batch();
        var expected = batch().vectors();
        for (var k = 0; k < LENGTH; k++) {
            var i = k;
            var honest =
                    Arrays.stream(batch.doubles())
                            .limit(SHARDS - FAULTY)
                            .mapToDouble(x -> x[i])
                            .toArray();
            for (var shard = SHARDS - FAULTY; shard < SHARDS; shard++) {
                expected[shard][k] =
                        (float)
                                Objects.requireNonNull(ORACLES.get(text))
                                        .value(expected[shard][k], honest, shard, k);
            }
        }
        return expected;
    }

    /** A run gives what it would give if the shards had sent it themselves. */
    @ParameterizedTest
    @MethodSource("texts")
    void aRunAveragesWhatTheFaultyShardsSend(String text) {
        var sent = new ShardBatch(attacked(text), batch().samples());
        for (var rule : List.of("median", "krum(f=3)", "geometric-median", "bulyan(f=1)")) {
            assertThat(average(rule, Faults.of(text, FAULTY), batch(), LENGTH, 0))
                    .as("seed %d, %s", SEED, rule)
                    .isEqualTo(average(rule, Faults.NONE, sent, LENGTH, 0));
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void anyCutIntoChunksAndAnyOrderOfArrivalGivesTheSameBits(String text) {
        for (var rule : List.of("mean", "median", "adasum")) {
            var faults = Faults.of(text, FAULTY);
            var expected = average(rule, faults, batch(), LENGTH, 0);
            for (var chunkFloats : new int[] {1, 6, 20}) {
                assertThat(average(rule, faults, batch(), chunkFloats, chunkFloats))
                        .as("seed %d, %s, chunks of %d", SEED, rule, chunkFloats)
                        .isEqualTo(expected);
            }
        }
    }

    /** Changes of statistics are no gradients. */
    @ParameterizedTest
    @MethodSource("texts")
    void statisticsAreNotAttacked(String text) {
        var averaging =
                new Averaging(
                        AveragingRules.CATALOGUE.parse("median"),
                        List.of(),
                        Faults.of(text, FAULTY),
                        new GradientLayout(List.of(0L), 15),
                        SEED);
        var mean = Oracles.mean(batch().doubles(), batch().samples());
        var found = batch().average(averaging, STEP, LENGTH, 0, 0);
        for (var i = 15; i < LENGTH; i++) {
            assertThat((double) found[i]).isCloseTo(mean[i], within(1e-6));
        }
    }

    @Test
    void noiseIsNormalAndNewForEachStepAndShard() {
        var count = 20_000;
        var vectors = new float[3][count];
        new Noise(2).strike(new Attack.Scene(SEED, STEP, 0), 1, count, vectors);
        assertThat(vectors[0]).containsOnly(0f);
        assertThat(vectors[1]).isNotEqualTo(vectors[2]);
        var squares = 0.0;
        var sum = 0.0;
        for (var x : vectors[1]) {
            sum += x;
            squares += x * x;
        }
        assertThat(sum / count).as("seed %d", SEED).isCloseTo(0, within(0.06));
        assertThat(squares / count).as("seed %d", SEED).isCloseTo(4, within(0.2));
        var later = new float[3][count];
        new Noise(2).strike(new Attack.Scene(SEED, STEP + 1, 0), 1, count, later);
        assertThat(later[1]).isNotEqualTo(vectors[1]);
    }

    @Test
    void anOptionWithoutEffectIsRefused() {
        assertThatThrownBy(() -> Faults.of("alie", 0)).hasMessageContaining("--faulty");
        assertThatThrownBy(() -> Faults.of("none", 2)).hasMessageContaining("--attack");
        assertThatThrownBy(() -> Faults.of("none", -1)).hasMessageContaining("at least 0");
        assertThat(Faults.of("none", 0)).isEqualTo(Faults.NONE);
        assertThat(Faults.of("mimic(shard=2)", 1).refusal(3))
                .hasValueSatisfying(why -> assertThat(why).contains("0 to 1"));
        assertThat(Faults.of("mimic(shard=2)", 1).refusal(4)).isEmpty();
        assertThat(Faults.of("alie", 3).refusal(4))
                .hasValueSatisfying(why -> assertThat(why).contains("at least 2 honest"));
        assertThat(Faults.of("ipm", 4).refusal(4))
                .hasValueSatisfying(why -> assertThat(why).contains("no honest shard of 4"));
    }

    /** With as many attackers the mean goes uphill, and a median does not. */
    @Test
    void theMeanGivesInToAScaledSignFlip() {
        var random = Seeds.of(SEED, "uphill");
        var batch = ShardBatch.of(SHARDS, LENGTH, (_, _) -> 1 + random.nextDouble(), random);
        Arrays.fill(batch.samples(), 1);
        var faults = Faults.of("sign-flip(scale=5)", FAULTY);
        for (var x : average("mean", faults, batch, LENGTH, 0)) {
            assertThat(x).as("seed %d", SEED).isNegative();
        }
        for (var x : average("median", faults, batch, LENGTH, 0)) {
            assertThat(x).as("seed %d", SEED).isPositive();
        }
    }

    private static ShardBatch batch() {
        return ShardBatch.drawn(Seeds.of(SEED, "batch"), SHARDS, LENGTH);
    }

    private static float[] average(
            String rule, Faults faults, ShardBatch batch, int chunkFloats, int order) {
        var averaging =
                new Averaging(
                        AveragingRules.CATALOGUE.parse(rule),
                        List.of(),
                        faults,
                        new GradientLayout(List.of(0L, 9L), LENGTH),
                        SEED);
        return batch.average(averaging, STEP, chunkFloats, order, 0);
    }
}
