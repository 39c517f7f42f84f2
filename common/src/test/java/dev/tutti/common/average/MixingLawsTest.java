package dev.tutti.common.average;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.attack.Faults;
import dev.tutti.common.average.mixing.Bucketing;
import dev.tutti.common.average.mixing.Mixing;
import dev.tutti.common.average.mixing.Mixings;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every mixing of the catalogue, as a run uses it. */
class MixingLawsTest {
    private static final int SEED = 20_261_201;
    private static final int LENGTH = 23;
    private static final int ROUNDS = 10;
    private static final int STEP = 7;

    /** The oracle of each list of mixings; add one for a new mixing. */
    private static final Map<String, Oracles.Mixing> ORACLES = new LinkedHashMap<>();

    static {
        // What a step gets are the momenta; WorkerMomenta makes them.
        ORACLES.put("worker-momentum", vectors -> vectors);
        ORACLES.put("worker-momentum(beta=0.0)", vectors -> vectors);
        ORACLES.put("clip(norm=4.5)", Oracles.clip(4.5));
        ORACLES.put("clip(norm=inf)", vectors -> vectors);
        ORACLES.put("arc(f=2)", Oracles.arc(2));
        ORACLES.put("arc(f=0)", vectors -> vectors);
        ORACLES.put("nnm(f=2)", Oracles.nnm(2));
        ORACLES.put("nnm(f=0)", Oracles.nnm(0));
        ORACLES.put("bucketing", vectors -> buckets(2, 0, vectors));
        ORACLES.put("bucketing(s=3)", vectors -> buckets(3, 0, vectors));
        ORACLES.put("bucketing(s=1)", vectors -> vectors);
        ORACLES.put(
                "arc(f=2),nnm(f=2)", vectors -> Oracles.nnm(2).mix(Oracles.arc(2).mix(vectors)));
        ORACLES.put(
                "clip(norm=4.5),bucketing(s=2),nnm(f=1)",
                vectors -> Oracles.nnm(1).mix(buckets(2, 1, Oracles.clip(4.5).mix(vectors))));
    }

    private static final List<String> REFUSED =
            List.of(
                    "worker-momentum(beta=1)",
                    "worker-momentum(beta=-0.1)",
                    "clip(norm=0)",
                    "clip(norm=NaN)",
                    "arc(f=-1)",
                    "bucketing(s=0)",
                    "nnm(f=-1)");

    static Stream<String> lists() {
        return ORACLES.keySet().stream();
    }

    private static double[][] buckets(int s, int place, double[][] vectors) {
        var groups = new Bucketing(s).groups(vectors.length, Seeds.of(SEED, "mixing", STEP, place));
        return Arrays.stream(groups)
                .map(group ->
                        Oracles.plainMean(Arrays.stream(group).mapToObj(i -> vectors[i]).toList()))
                .toArray(double[][]::new);
    }

    @Test
    void everyMixingIsListedWithAnExampleAndAnOracle() {
        var single = lists().filter(text -> !text.contains("),")).toList();
        PlugInLaws.everyRecordIsListed(Mixings.CATALOGUE, Mixing.class);
        PlugInLaws.everyNameHasAnExample(Mixings.CATALOGUE, single);
        PlugInLaws.textsRoundTrip(Mixings.CATALOGUE, single);
        PlugInLaws.defaultsAreNotPrinted(
                Mixings.CATALOGUE,
                single.stream().filter(text -> !text.equals("bucketing(s=2)")).toList());
        PlugInLaws.textsAreRefused(Mixings.CATALOGUE, REFUSED);
        PlugInLaws.everyArgumentIsGuarded(Mixings.CATALOGUE, REFUSED);
    }

    @Test
    void noMixingIsAWordOfItsOwn() {
        assertThat(Mixings.parse("none")).isEmpty();
        assertThat(Mixings.format(List.of())).isEqualTo("none");
        assertThat(Mixings.format(Mixings.parse("clip(2),clip(inf)")))
                .isEqualTo("clip(norm=2.0),clip(norm=inf)");
    }

    /** Behind the mixing, rules of every kind see the vectors that the oracle makes. */
    @ParameterizedTest
    @MethodSource("lists")
    void itGivesWhatItsOracleDoes(String list) {
        forEachBatch((round, batch) -> {
            var mixed = Objects.requireNonNull(ORACLES.get(list)).mix(batch.doubles());
            var ones = IntStream.range(0, mixed.length).map(_ -> 1).toArray();
            var where = "seed %d, round %d".formatted(SEED, round);
            AveragingRuleLawsTest.assertClose(
                    average("median", list, batch, STEP), Oracles.median(mixed, ones), where);
            AveragingRuleLawsTest.assertClose(
                    average("geometric-median", list, batch, STEP),
                    Oracles.geometricMedian(0.1, 8).average(mixed, ones),
                    where);
            AveragingRuleLawsTest.assertClose(
                    average("bulyan(f=0)", list, batch, STEP),
                    Oracles.bulyan(0).average(mixed, ones),
                    where);
        });
    }

    @ParameterizedTest
    @MethodSource("lists")
    void anyCutIntoChunksAndAnyOrderOfArrivalGivesTheSameBits(String list) {
        forEachBatch((round, batch) -> {
            for (var rule : List.of("mean", "median", "adasum")) {
                var averaging = averaging(rule, list);
                if (averaging.isLinear()) {
                    continue;
                }
                var expected = batch.average(averaging, STEP, LENGTH, 0, 0);
                for (var chunkFloats : new int[] {1, 6, 22}) {
                    assertThat(batch.average(averaging, STEP, chunkFloats, round + 1, round % 2))
                            .as("seed %d, round %d, %s", SEED, round, rule)
                            .isEqualTo(expected);
                }
            }
        });
    }

    /** Then shards are added up on their way, as if no mixing had been asked for. */
    @Test
    void mixingsThatChangeNothingLeaveTheMeanAsItIs() {
        assertThat(averaging("mean", "clip(inf),arc(0),bucketing(1)").isLinear()).isTrue();
        assertThat(averaging("mean", "clip(100)").isLinear()).isFalse();
        assertThat(averaging("mean", "nnm(0)").isLinear()).isFalse();
    }

    @Test
    void theMeanOfBucketsIsTheMean() {
        forEachBatch((round, batch) ->
                AveragingRuleLawsTest.assertClose(
                        average("mean", "bucketing(s=3)", batch, STEP),
                        Oracles.mean(batch.doubles(), batch.samples()),
                        "seed %d, round %d".formatted(SEED, round)));
    }

    @Test
    void bucketsAreDrawnAnewForEachStepAndSeed() {
        var batch = ShardBatch.drawn(Seeds.of(SEED, "buckets"), 9, LENGTH);
        var first = average("median", "bucketing(s=3)", batch, STEP);
        assertThat(average("median", "bucketing(s=3)", batch, STEP)).isEqualTo(first);
        assertThat(average("median", "bucketing(s=3)", batch, STEP + 1)).isNotEqualTo(first);
        var other =
                new Averaging(
                        AveragingRules.CATALOGUE.parse("median"),
                        Mixings.parse("bucketing(s=3)"),
                        Faults.NONE,
                        GradientLayout.WHOLE,
                        SEED + 1);
        assertThat(batch.average(other, STEP, LENGTH, 0, 0)).isNotEqualTo(first);
    }

    @Test
    void bucketsHoldEachVectorOnce() {
        for (var count = 1; count < 20; count++) {
            for (var s = 1; s < 6; s++) {
                var bucketing = new Bucketing(s);
                var groups = bucketing.groups(count, Seeds.of(SEED, "groups", count, s));
                assertThat(groups).hasNumberOfRows(bucketing.count(count));
                assertThat(Arrays.stream(groups).flatMapToInt(Arrays::stream).sorted())
                        .containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
                var full = s;
                assertThat(Arrays.stream(groups).limit(groups.length - 1L))
                        .allMatch(group -> group.length == full);
            }
        }
    }

    /** A refusal names the option, what it needs and what it gets. */
    @Test
    void tooFewShardsAreRefused() {
        assertThat(averaging("krum(f=1)", "none").refusal(5)).isEmpty();
        assertThat(averaging("krum(f=1)", "none").refusal(4))
                .hasValueSatisfying(why ->
                        assertThat(why)
                                .contains("--average krum(f=1) needs at least 5 vectors")
                                .contains("4 shards"));
        assertThat(averaging("krum(f=1)", "bucketing").refusal(9)).isEmpty();
        assertThat(averaging("krum(f=1)", "bucketing").refusal(8))
                .hasValueSatisfying(why ->
                        assertThat(why)
                                .contains("there are 4")
                                .contains("which the mixing makes of 8"));
        assertThat(averaging("mean", "nnm(f=2)").refusal(4))
                .hasValueSatisfying(why ->
                        assertThat(why).contains("--mixing nnm(f=2) needs at least 5 vectors"));
        assertThat(averaging("multi-krum(f=0,m=7)", "none").refusal(6)).isPresent();
        assertThat(averaging("bulyan(f=2147483647)", "none").refusal(1 << 20)).isPresent();
    }

    private static float[] average(String rule, String list, ShardBatch batch, int step) {
        return batch.average(averaging(rule, list), step, LENGTH, 0, 0);
    }

    private static Averaging averaging(String rule, String list) {
        return new Averaging(
                AveragingRules.CATALOGUE.parse(rule),
                Mixings.parse(list),
                Faults.NONE,
                new GradientLayout(List.of(0L, 9L), LENGTH),
                SEED);
    }

    @FunctionalInterface
    private interface OfBatch {
        void check(int round, ShardBatch batch);
    }

    /** Vectors of several lengths, all of as many samples. */
    private static void forEachBatch(OfBatch law) {
        for (var round = 0; round < ROUNDS; round++) {
            var random = Seeds.of(SEED, "batch", round);
            var shards = 6 + random.nextInt(6);
            var drawn =
                    ShardBatch.of(
                            shards,
                            LENGTH,
                            (shard, _) -> (1 + 0.1 * shard) * random.nextGaussian(),
                            random);
            Arrays.fill(drawn.samples(), 2);
            law.check(round, drawn);
        }
    }
}
