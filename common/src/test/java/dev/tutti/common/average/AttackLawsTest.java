package dev.tutti.common.average;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.attack.Attack;
import dev.tutti.common.average.attack.Attacks;
import dev.tutti.common.average.attack.Faults;
import dev.tutti.common.average.attack.LabelFlip;
import dev.tutti.common.average.attack.MinMax;
import dev.tutti.common.average.attack.Noise;
import dev.tutti.common.average.attack.VectorAttack;
import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.average.mixing.Mixings;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.average.pipeline.GradientLayout;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.plugin.PlugInLaws;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** Examples of attacks that follow from more than one coordinate; they have tests below. */
    private static final List<String> OTHERS =
            List.of(
                    "alie(optimized=true)",
                    "ipm(epsilon=0.5,optimized=true)",
                    "min-max",
                    "nan",
                    "stale(age=3)",
                    "label-flip");

    /** Those of them of which a run of whole vectors makes what faulty shards send. */
    static Stream<String> tuned() {
        return OTHERS.stream().filter(text -> Faults.of(text, FAULTY).isTuned());
    }

    static Stream<String> inRuns() {
        return Stream.concat(texts(), tuned());
    }

    static Stream<String> examples() {
        return Stream.concat(texts(), OTHERS.stream());
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
                    "alie(optimized=perhaps)",
                    "ipm(epsilon=0)",
                    "ipm(optimized=perhaps)",
                    "stale(age=0)");

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
        PlugInLaws.everyNameHasAnExample(Attacks.CATALOGUE, examples().toList());
        PlugInLaws.textsRoundTrip(Attacks.CATALOGUE, examples().toList());
        PlugInLaws.defaultsAreNotPrinted(Attacks.CATALOGUE, examples().toList());
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
    @MethodSource("inRuns")
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
    @MethodSource("examples")
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

    /** The vector touches the bound that honest distances set. */
    @Test
    void minMaxIsAsFarAsTwoHonestShardsAre() {
        for (var seed = 0; seed < 20; seed++) {
            var batch = ShardBatch.drawn(Seeds.of(SEED, "min-max", seed), SHARDS, LENGTH);
            var struck = batch.vectors();
            var scene = new Attack.Scene(SEED, STEP, 0);
            var honest = SHARDS - FAULTY;
            var attack = new MinMax();
            attack.trial().strike(scene, honest, LENGTH, struck);
            var products = new double[SHARDS * SHARDS];
            for (var i = 0; i < products.length; i++) {
                for (var k = 0; k < LENGTH; k++) {
                    products[i] += (double) struck[i / SHARDS][k] * struck[i % SHARDS][k];
                }
            }
            attack.of(Gram.of(SHARDS, products), honest).strike(scene, honest, LENGTH, struck);
            var vectors = new ShardBatch(struck, batch.samples()).doubles();
            var bound = 0.0;
            var reached = 0.0;
            for (var i = 0; i < honest; i++) {
                reached = Math.max(reached, Oracles.distance(vectors[honest], vectors[i]));
                for (var j = 0; j < i; j++) {
                    bound = Math.max(bound, Oracles.distance(vectors[i], vectors[j]));
                }
            }
            assertThat(reached).as("seed %d", seed).isCloseTo(bound, within(1e-5 * bound));
            assertThat(vectors[honest + 1]).isEqualTo(vectors[honest]);
        }
    }

    /** By the very rule in use, with mixings; the first of the worst. */
    @Test
    void anOptimizedAttackIsTheWorstOfItsTries() {
        for (var rule : List.of("mean", "median", "krum(f=3)", "bulyan(f=1)", "geometric-median")) {
            for (var text : List.of("alie(optimized=true)", "ipm(epsilon=0.5,optimized=true)")) {
                var worst = -1.0;
                var expected = new float[0];
                for (var attack : ((VectorAttack) Attacks.CATALOGUE.parse(text)).tries()) {
                    var average =
                            average(
                                    rule,
                                    Faults.of(Attacks.CATALOGUE.format(attack), FAULTY),
                                    batch(),
                                    LENGTH,
                                    0);
                    var damage = distanceToHonest(average);
                    if (damage > worst) {
                        worst = damage;
                        expected = average;
                    }
                }
                assertThat(average(rule, Faults.of(text, FAULTY), batch(), LENGTH, 0))
                        .as("%s, %s", rule, text)
                        .isEqualTo(expected);
            }
        }
    }

    private static double distanceToHonest(float[] average) {
        var honest = Arrays.stream(batch().doubles()).limit(SHARDS - FAULTY).toList();
        var found = new double[LENGTH];
        Arrays.setAll(found, k -> average[k]);
        return Oracles.distance(found, Oracles.plainMean(honest));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "median",
                "trimmed-mean(f=3)",
                "krum(f=3)",
                "multi-krum(f=3)",
                "geometric-median",
                "centered-clipping",
                "centered-clipping(tau=1.0,relative=false)",
                "sign-vote"
            })
    void aRobustRuleIsNotLedAstrayByWhatIsNoNumber(String rule) {
        var honest = Arrays.stream(batch().doubles()).limit(SHARDS - FAULTY).toList();
        var centre = Oracles.plainMean(honest);
        var radius =
                honest.stream().mapToDouble(x -> Oracles.distance(x, centre)).max().orElseThrow();
        var average = average(rule, Faults.of("nan", FAULTY), batch(), LENGTH, 0);
        assertThat(distanceToHonest(average)).isLessThan(radius);
    }

    @Test
    void mixingsKeepWhatIsNoNumberFromARobustRule() {
        for (var mixing : List.of("clip(norm=1.0)", "arc(f=3)", "nnm(f=3)", "arc(f=3),nnm(f=3)")) {
            var averaging =
                    new Averaging(
                            AveragingRules.CATALOGUE.parse("geometric-median"),
                            Mixings.parse(mixing),
                            Faults.of("nan", FAULTY),
                            new GradientLayout(List.of(0L, 9L), LENGTH),
                            SEED);
            for (var value : batch().average(averaging, STEP, LENGTH, 0, 0)) {
                assertThat(value).as(mixing).isFinite();
            }
        }
    }

    @Test
    void theMeanOfWhatIsNoNumberIsNoNumber() {
        var arena = Arena.ofAuto();
        var chunks = new Chunks(LENGTH, LENGTH);
        var averaging =
                new Averaging(
                        AveragingRules.CATALOGUE.parse("mean"),
                        List.of(),
                        Faults.of("nan", FAULTY),
                        GradientLayout.WHOLE,
                        SEED);
        var sum =
                new StepSum(
                        arena,
                        new ShardTree(SHARDS),
                        chunks,
                        averaging,
                        _ -> 1,
                        () -> 0,
                        StepLens.NONE,
                        ChunkSums.of(chunks, Floats.allocate(arena, LENGTH)));
        var outcome = StepSum.Outcome.WAITING;
        for (var shard = 0; shard < SHARDS; shard++) {
            outcome =
                    sum.offer(
                            new ShardRange(shard, shard + 1),
                            0,
                            Payload.of(Floats.of(arena, batch().vectors()[shard])));
        }
        assertThat(outcome).isEqualTo(StepSum.Outcome.NOT_FINITE);
    }

    @Test
    void labelsAreExchangedFromBothEnds() {
        var attack = new LabelFlip();
        assertThat(IntStream.range(0, 10).map(c -> attack.label(c, 10)))
                .containsExactly(9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
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
