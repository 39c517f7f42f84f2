package dev.tutti.common.average;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.attack.Faults;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.average.pipeline.GradientLayout;
import dev.tutti.common.average.rule.AveragingRule;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.average.rule.Mean;
import dev.tutti.common.average.rule.TrimmedMean;
import dev.tutti.common.plugin.PlugInLaws;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Parallel;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every averaging rule of the catalogue, as a run uses it. */
class AveragingRuleLawsTest {
    private static final int SEED = 20_261_130;
    private static final int LENGTH = 37;
    private static final int TRAINED = 31;
    private static final int ROUNDS = 20;

    /** Three layers, and six floats of statistics behind them. */
    private static final GradientLayout LAYOUT = new GradientLayout(List.of(0L, 5L, 20L), TRAINED);

    /** The oracle of each example; add one for a new rule. */
    private static final Map<String, Oracles.Rule> ORACLES = new LinkedHashMap<>();

    static {
        ORACLES.put("mean", Oracles::mean);
        ORACLES.put("trimmed-mean(f=0)", Oracles.trimmedMean(0));
        ORACLES.put("trimmed-mean(f=2)", Oracles.trimmedMean(2));
        ORACLES.put("median", Oracles::median);
        ORACLES.put("krum(f=0)", Oracles.krum(0));
        ORACLES.put("krum(f=2)", Oracles.krum(2));
        ORACLES.put("multi-krum(f=2)", Oracles.multiKrum(2, 0));
        ORACLES.put("multi-krum(f=1,m=3)", Oracles.multiKrum(1, 3));
        ORACLES.put("bulyan(f=0)", Oracles.bulyan(0));
        ORACLES.put("bulyan(f=1)", Oracles.bulyan(1));
        ORACLES.put("bulyan(f=2)", Oracles.bulyan(2));
        ORACLES.put("geometric-median", Oracles.geometricMedian(0.1, 8));
        ORACLES.put("geometric-median(nu=5.0,iterations=2)", Oracles.geometricMedian(5, 2));
        ORACLES.put("centered-clipping", Oracles.centeredClipping(1, 1, true));
        ORACLES.put(
                "centered-clipping(tau=0.5,iterations=4,history=false)",
                Oracles.centeredClipping(0.5, 4, true));
        ORACLES.put(
                "centered-clipping(tau=10.0,iterations=3,relative=false)",
                Oracles.centeredClipping(10, 3, false));
        ORACLES.put(
                "centered-clipping(tau=2.0,iterations=3,relative=false,history=false)",
                Oracles.centeredClipping(2, 3, false));
        ORACLES.put("adasum", Oracles::adasum);
        ORACLES.put("sign-vote", Oracles::signVote);
    }

    private static final List<String> REFUSED =
            List.of(
                    "trimmed-mean(f=-1)",
                    "krum(f=-1)",
                    "multi-krum(f=-1)",
                    "multi-krum(f=1,m=0)",
                    "bulyan(f=-1)",
                    "geometric-median(nu=0)",
                    "geometric-median(iterations=0)",
                    "centered-clipping(tau=0)",
                    "centered-clipping(iterations=0)",
                    "centered-clipping(relative=perhaps)",
                    "centered-clipping(history=perhaps)");

    /** They have a scale of their own. */
    private static final Set<String> WITH_A_SCALE =
            Set.of("geometric-median", "centered-clipping", "sign-vote");

    /** Any number of faulty shards moves them. */
    private static final Set<String> NOT_ROBUST = Set.of("mean", "adasum");

    /** Their average has at each coordinate a value between those of honest shards. */
    private static final Set<String> BETWEEN = Set.of("trimmed-mean", "median", "bulyan");

    /** A rule and what it must give. */
    record Example(String text, AveragingRule rule, Oracles.Rule oracle) {
        static Example of(String text) {
            return new Example(
                    text,
                    AveragingRules.CATALOGUE.parse(text),
                    Objects.requireNonNull(ORACLES.get(text)));
        }

        String name() {
            return text.replaceAll("\\(.*", "");
        }

        Averaging averaging() {
            return new Averaging(rule, List.of(), Faults.NONE, LAYOUT, SEED);
        }

        /** Returns the oracle's average: of each part by itself, of statistics the mean. */
        double[] expected(ShardBatch batch) {
            var out = new double[LENGTH];
            for (var part : averaging().parts()) {
                var from = (int) part.from();
                var to = (int) Math.min(part.to(), LENGTH);
                var vectors =
                        Arrays.stream(batch.doubles())
                                .map(vector -> Arrays.copyOfRange(vector, from, to))
                                .toArray(double[][]::new);
                var average =
                        part.isGradient()
                                ? oracle.average(vectors, batch.samples())
                                : Oracles.mean(vectors, batch.samples());
                System.arraycopy(average, 0, out, from, to - from);
            }
            return out;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    static Stream<Example> examples() {
        return ORACLES.keySet().stream().map(Example::of);
    }

    /** Two iterations from the mean on are too few. */
    static Stream<Example> robust() {
        return examples()
                .filter(example ->
                        !NOT_ROBUST.contains(example.name())
                                && !example.rule.isLinear()
                                && !example.text.contains("iterations=2"));
    }

    @Test
    void everyRuleIsListedWithAnExampleAndAnOracle() {
        var texts = List.copyOf(ORACLES.keySet());
        PlugInLaws.everyRecordIsListed(AveragingRules.CATALOGUE, AveragingRule.class);
        PlugInLaws.everyNameHasAnExample(AveragingRules.CATALOGUE, texts);
        PlugInLaws.textsRoundTrip(AveragingRules.CATALOGUE, texts);
        PlugInLaws.defaultsAreNotPrinted(AveragingRules.CATALOGUE, texts);
        PlugInLaws.textsAreRefused(AveragingRules.CATALOGUE, REFUSED);
        PlugInLaws.everyArgumentIsGuarded(AveragingRules.CATALOGUE, REFUSED);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void itGivesWhatItsOracleDoes(Example example) {
        requireOracle(example);
    }

    private static void requireOracle(Example example) {
        forEachBatch(
                example,
                (round, batch) ->
                        assertClose(
                                batch.average(example.averaging()),
                                example.expected(batch),
                                "seed %d, round %d".formatted(SEED, round)));
    }

    /** The suite would see a rule that is wrong. */
    @Test
    void aRuleThatIsNotItsOracleIsFound() {
        var wrong = new Example("median", new TrimmedMean(1), Oracles::median);
        assertThatThrownBy(() -> requireOracle(wrong))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("coordinate");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void equalVectorsAreTheirOwnAverage(Example example) {
        if (example.name().equals("sign-vote")) {
            return;
        }
        forEachBatch(
                example,
                (round, batch) -> {
                    Arrays.setAll(batch.vectors(), _ -> batch.vectors()[0]);
                    var average = batch.average(example.averaging());
                    var where = "seed %d, round %d".formatted(SEED, round);
                    if (example.rule.isLinear()) {
                        // Its sum along the tree is rounded.
                        assertClose(average, batch.doubles()[0], where);
                    } else {
                        assertThat(average).as(where).isEqualTo(batch.vectors()[0]);
                    }
                });
    }

    /** By a power of two, so that nothing is rounded. */
    @ParameterizedTest
    @MethodSource("examples")
    void itScalesWithTheVectors(Example example) {
        if (WITH_A_SCALE.contains(example.name())) {
            return;
        }
        forEachBatch(
                example,
                (round, batch) -> {
                    var average = batch.average(example.averaging());
                    for (var factor : new float[] {0.25f, 8f, -2f}) {
                        var expected = average.clone();
                        for (var i = 0; i < LENGTH; i++) {
                            expected[i] *= factor;
                        }
                        assertThat(batch.times(factor).average(example.averaging()))
                                .as("seed %d, round %d, times %s", SEED, round, factor)
                                .isEqualTo(expected);
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theOrderOfTheShardsDoesNotMatter(Example example) {
        if (example.name().equals("adasum")) {
            return;
        }
        forEachBatch(
                example,
                (round, batch) -> {
                    var order = IntStream.range(0, batch.shards()).toArray();
                    Seeds.of(SEED, "order", round).shuffle(order);
                    assertClose(
                            batch.inOrder(order).average(example.averaging()),
                            doubles(batch.average(example.averaging())),
                            "seed %d, round %d".formatted(SEED, round));
                });
    }

    /**
     * Any cut into chunks gives the same bits, and so does any order; empty shards do not count.
     */
    @ParameterizedTest
    @MethodSource("examples")
    void anyCutIntoChunksAndAnyOrderOfArrivalGivesTheSameBits(Example example) {
        forEachBatch(
                example,
                (round, batch) -> {
                    var expected = batch.average(example.averaging());
                    for (var chunkFloats : new int[] {1, 5, 8, 36}) {
                        assertThat(
                                        batch.average(
                                                example.averaging(),
                                                0,
                                                chunkFloats,
                                                round + 1,
                                                round % 3))
                                .as("seed %d, round %d, chunks of %d", SEED, round, chunkFloats)
                                .isEqualTo(expected);
                    }
                });
    }

    /** Long enough for several stripes, which several threads take. */
    @ParameterizedTest
    @MethodSource("examples")
    void severalThreadsGiveTheSameBits(Example example) {
        var length = 150_001;
        var shards = (int) Math.max(3, example.rule.vectorsMin());
        var layout = new GradientLayout(List.of(0L, 70_000L), 150_000);
        var averaging = new Averaging(example.rule, List.of(), Faults.NONE, layout, SEED);
        var batch = ShardBatch.drawn(Seeds.of(SEED, "long"), shards, length);
        assertThat((long) length * shards).isGreaterThan(Parallel.FLOATS_MIN);
        var expected = batch.average(averaging);
        for (var chunkFloats : new int[] {1 << 10, 50_000, 1 << 17}) {
            assertThat(batch.average(averaging, 0, chunkFloats, chunkFloats, 0))
                    .as("seed %d, chunks of %d", SEED, chunkFloats)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void zerosAndSingleNumbersAreAveraged(Example example) {
        var shards = (int) example.rule.vectorsMin();
        var random = Seeds.of(SEED, "small");
        var zeros = ShardBatch.of(shards, LENGTH, (_, _) -> 0, random);
        assertThat(zeros.average(example.averaging())).containsOnly(0f);
        var single = ShardBatch.drawn(random, shards, 1);
        var whole = new Averaging(example.rule, List.of(), Faults.NONE, GradientLayout.WHOLE, SEED);
        assertClose(
                single.average(whole),
                example.oracle.average(single.doubles(), single.samples()),
                "seed " + SEED);
    }

    /** As many as the rule stands, each with vectors a thousand times as long. */
    @ParameterizedTest
    @MethodSource("robust")
    void faultyShardsDoNotLeadItAstray(Example example) {
        for (var round = 0; round < ROUNDS; round++) {
            var honest = (int) example.rule.vectorsMin() + 4 + round % 3;
            var f = faulty(example.text, honest);
            var random = Seeds.of(SEED, "faulty", round);
            var batch =
                    ShardBatch.of(
                            honest + f,
                            TRAINED,
                            (shard, _) -> random.nextGaussian() + (shard < honest ? 1 : 5000),
                            random);
            var average = batch.average(example.averaging());
            var vectors = Arrays.copyOf(batch.doubles(), honest);
            var where = "seed %d, round %d, %d faulty".formatted(SEED, round, f);
            if (example.name().equals("sign-vote")) {
                for (var x : average) {
                    assertThat(Math.abs(x)).as(where).isIn(0f, 1f);
                }
            } else if (BETWEEN.contains(example.name())) {
                for (var i = 0; i < TRAINED; i++) {
                    var k = i;
                    var values = Arrays.stream(vectors).mapToDouble(x -> x[k]).summaryStatistics();
                    assertThat((double) average[i])
                            .as("%s, coordinate %d", where, i)
                            .isBetween(values.getMin(), values.getMax());
                }
            } else {
                var centre = Oracles.plainMean(List.of(vectors));
                var radius =
                        Arrays.stream(vectors)
                                .mapToDouble(x -> Oracles.distance(x, centre))
                                .max()
                                .orElseThrow();
                assertThat(Oracles.distance(doubles(average), centre)).as(where).isLessThan(radius);
            }
        }
    }

    /** Returns how many faulty shards the rule stands: what it is told, or a few. */
    private static int faulty(String text, int honest) {
        var told = text.replaceAll(".*f=(\\d+).*", "$1");
        return told.equals(text) ? (honest - 1) / 4 : Integer.parseInt(told);
    }

    /** Guards the test above. */
    @Test
    void faultyShardsLeadTheMeanAstray() {
        var random = Seeds.of(SEED, "mean");
        var batch = ShardBatch.of(5, 3, (shard, _) -> shard < 4 ? 1 : 5000, random);
        assertThat(batch.average(Averaging.MEAN)[0]).isGreaterThan(100);
    }

    /** A rule could drop it without a word, and with it a worker that gives nonsense (law 8). */
    @ParameterizedTest
    @MethodSource("examples")
    void whatIsNotFiniteIsNamedByItsShardAndComputedAgain(Example example) {
        for (var bad : new int[] {22, 33}) {
            requireNamed(example, bad);
        }
    }

    private static void requireNamed(Example example, int bad) {
        var arena = Arena.ofAuto();
        var shards = (int) Math.max(5, example.rule.vectorsMin());
        var chunks = new Chunks(LENGTH, 8);
        var out = Floats.allocate(arena, LENGTH);
        var sum =
                new StepSum(
                        arena,
                        new ShardTree(shards),
                        chunks,
                        example.averaging(),
                        shard -> 1 + shard,
                        () -> 0,
                        StepLens.NONE,
                        ChunkSums.of(chunks, out));
        var outcomes = new ArrayList<StepSum.Outcome>();
        for (var shard = 0; shard < shards; shard++) {
            for (var chunk = 0; chunk < chunks.count(); chunk++) {
                var piece = Floats.allocate(arena, chunks.size(chunk));
                if (shard == 3 && chunk == bad / 8) {
                    Floats.set(piece, bad % 8, Float.POSITIVE_INFINITY);
                }
                outcomes.add(sum.offer(leaf(shard), chunk, Payload.of(piece)));
            }
        }
        assertThat(outcomes).contains(StepSum.Outcome.NOT_FINITE);
        assertThat(sum.firstNotFinite())
                .isEqualTo(new StepSum.NotFinite(bad / 8, leaf(3), bad, Float.POSITIVE_INFINITY));
        sum.withdraw(leaf(3));
        var zeros = Floats.allocate(arena, LENGTH);
        for (var chunk = 0; chunk < chunks.count(); chunk++) {
            var piece = Floats.slice(zeros, chunks.offset(chunk), chunks.size(chunk));
            sum.offer(leaf(3), chunk, Payload.of(piece));
        }
        assertThat(sum.isComplete()).isTrue();
        assertThat(Floats.toArray(out)).containsOnly(0f);
    }

    /** Then a run adds shards up on their way, as with the mean. */
    @Test
    void aTrimmedMeanThatTrimsNothingIsTheMean() {
        assertThat(new TrimmedMean(0).isLinear()).isTrue();
        assertThat(new TrimmedMean(1).isLinear()).isFalse();
        forEachBatch(
                Example.of("mean"),
                (round, batch) -> {
                    var mean = new float[LENGTH];
                    var trimmed = new float[LENGTH];
                    new Mean().average(LENGTH, batch.vectors(), batch.samples(), mean);
                    new TrimmedMean(0).average(LENGTH, batch.vectors(), batch.samples(), trimmed);
                    assertThat(trimmed).as("seed %d, round %d", SEED, round).isEqualTo(mean);
                });
    }

    private static ShardRange leaf(int shard) {
        return new ShardRange(shard, shard + 1);
    }

    @FunctionalInterface
    private interface OfBatch {
        void check(int round, ShardBatch batch);
    }

    private static void forEachBatch(Example example, OfBatch law) {
        for (var round = 0; round < ROUNDS; round++) {
            var random = Seeds.of(SEED, "batch", round);
            var shards = (int) example.rule.vectorsMin() + random.nextInt(9);
            law.check(round, ShardBatch.drawn(random, shards, LENGTH));
        }
    }

    static void assertClose(float[] found, double[] expected, String where) {
        assertThat(found).hasSameSizeAs(expected);
        for (var i = 0; i < found.length; i++) {
            assertThat((double) found[i])
                    .as("%s, coordinate %d", where, i)
                    .isCloseTo(expected[i], within(1e-6 * (1 + Math.abs(expected[i]))));
        }
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }
}
