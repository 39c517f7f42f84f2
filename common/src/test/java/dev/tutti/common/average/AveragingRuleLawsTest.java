package dev.tutti.common.average;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.plugin.PlugInLaws;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every averaging rule of the catalogue, and for two that only tests know. */
class AveragingRuleLawsTest {
    private static final long SEED = 20_261_130;
    private static final int LENGTH = 37;
    private static final int ROUNDS = 20;

    /** A rule written again, over doubles and as plainly as can be. */
    @FunctionalInterface
    interface Oracle {
        double[] average(double[][] vectors, int[] samples);
    }

    /** The oracle of each name in the catalogue; add one for a new rule. */
    private static final Map<String, Oracle> ORACLES =
            Map.of(
                    "mean",
                    (vectors, samples) -> {
                        var out = new double[vectors[0].length];
                        for (var i = 0; i < out.length; i++) {
                            var sum = 0.0;
                            for (var shard = 0; shard < vectors.length; shard++) {
                                sum += samples[shard] * vectors[shard][i];
                            }
                            out[i] = sum / Arrays.stream(samples).sum();
                        }
                        return out;
                    });

    private static final Oracle MEDIAN =
            (vectors, _) ->
                    IntStream.range(0, vectors[0].length)
                            .mapToDouble(i -> {
                                var values =
                                        Arrays.stream(vectors)
                                                .mapToDouble(vector -> vector[i])
                                                .sorted()
                                                .toArray();
                                return (values[(values.length - 1) / 2] + values[values.length / 2])
                                        / 2;
                            })
                            .toArray();

    private static final Oracle MEDOID =
            (vectors, _) -> {
                var distances =
                        Arrays.stream(vectors)
                                .mapToDouble(one ->
                                        Arrays.stream(vectors)
                                                .mapToDouble(other -> distance(one, other))
                                                .sum())
                                .toArray();
                var least = Arrays.stream(distances).min().orElseThrow();
                return vectors[
                        IntStream.range(0, vectors.length)
                                .filter(i -> distances[i] == least)
                                .findFirst()
                                .orElseThrow()];
            };

    private static final List<String> REFUSED = List.of();

    private final Arena arena = Arena.ofAuto();

    /** A rule and what it must give. */
    record Example(AveragingRule rule, Oracle oracle) {
        @Override
        public String toString() {
            return rule.toString();
        }
    }

    /** Shards of one step, all with samples. */
    @SuppressWarnings("ArrayRecordComponent") // Handed to a rule as they are, never compared.
    private record Batch(float[][] vectors, int[] samples) {
        static Batch drawn(Seeds random) {
            var shards = 1 + random.nextInt(9);
            var vectors = new float[shards][LENGTH];
            var samples = new int[shards];
            for (var shard = 0; shard < shards; shard++) {
                samples[shard] = 1 + random.nextInt(5);
                for (var i = 0; i < LENGTH; i++) {
                    vectors[shard][i] = (float) random.nextGaussian();
                }
            }
            return new Batch(vectors, samples);
        }

        Batch times(float factor) {
            var scaled = copy();
            for (var vector : scaled) {
                for (var i = 0; i < LENGTH; i++) {
                    vector[i] *= factor;
                }
            }
            return new Batch(scaled, samples);
        }

        float[][] copy() {
            return Arrays.stream(vectors).map(float[]::clone).toArray(float[][]::new);
        }

        float[] average(AveragingRule rule) {
            var out = new float[LENGTH];
            rule.average(LENGTH, copy(), samples.clone(), out);
            return out;
        }
    }

    static List<String> texts() {
        return List.of("mean");
    }

    static Stream<Example> examples() {
        return Stream.concat(
                texts().stream()
                        .map(text ->
                                new Example(
                                        AveragingRules.CATALOGUE.parse(text),
                                        ORACLES.getOrDefault(
                                                text.replaceAll("\\(.*", ""),
                                                (_, _) -> new double[0]))),
                Stream.of(new Example(new Median(), MEDIAN), new Example(new Medoid(), MEDOID)));
    }

    @Test
    void everyRuleIsListedWithAnExampleAndAnOracle() {
        PlugInLaws.everyRecordIsListed(AveragingRules.CATALOGUE, AveragingRule.class);
        PlugInLaws.everyNameHasAnExample(AveragingRules.CATALOGUE, texts());
        PlugInLaws.textsRoundTrip(AveragingRules.CATALOGUE, texts());
        PlugInLaws.defaultsAreNotPrinted(AveragingRules.CATALOGUE, texts());
        PlugInLaws.textsAreRefused(AveragingRules.CATALOGUE, REFUSED);
        PlugInLaws.everyArgumentIsGuarded(AveragingRules.CATALOGUE, REFUSED);
        assertThat(ORACLES.keySet())
                .as("names with an oracle")
                .containsExactlyInAnyOrderElementsOf(AveragingRules.CATALOGUE.names());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void itGivesWhatItsOracleDoes(Example example) {
        requireOracle(example);
    }

    private static void requireOracle(Example example) {
        forEachBatch((round, batch) -> {
            var found = batch.average(example.rule);
            var expected = example.oracle.average(doubles(batch.vectors), batch.samples);
            assertThat(found).hasSameSizeAs(expected);
            for (var i = 0; i < LENGTH; i++) {
                assertThat((double) found[i])
                        .as("seed %d, round %d, coordinate %d", SEED, round, i)
                        .isCloseTo(expected[i], within(1e-6 * (1 + Math.abs(expected[i]))));
            }
        });
    }

    /** Nothing but the arguments decides: not what was averaged before, nor what is in the out. */
    @ParameterizedTest
    @MethodSource("examples")
    void theSameVectorsGiveTheSameBits(Example example) {
        forEachBatch((round, batch) -> {
            var first = batch.average(example.rule);
            Batch.drawn(Seeds.of(SEED, "between", round)).average(example.rule);
            var again = new float[LENGTH];
            Arrays.fill(again, Float.NaN);
            example.rule.average(LENGTH, batch.copy(), batch.samples.clone(), again);
            assertThat(again).as("seed %d, round %d", SEED, round).isEqualTo(first);
        });
    }

    @ParameterizedTest
    @MethodSource("examples")
    void equalVectorsAreTheirOwnAverage(Example example) {
        forEachBatch((round, batch) -> {
            Arrays.setAll(batch.vectors, _ -> batch.vectors[0]);
            assertThat(batch.average(example.rule))
                    .as("seed %d, round %d", SEED, round)
                    .isEqualTo(batch.vectors[0]);
        });
    }

    /** By a power of two, so that nothing is rounded. */
    @ParameterizedTest
    @MethodSource("examples")
    void itScalesWithTheVectors(Example example) {
        forEachBatch((round, batch) -> {
            var average = batch.average(example.rule);
            for (var factor : new float[] {0.25f, 8f, -2f}) {
                var expected = average.clone();
                for (var i = 0; i < LENGTH; i++) {
                    expected[i] *= factor;
                }
                assertThat(batch.times(factor).average(example.rule))
                        .as("seed %d, round %d, times %s", SEED, round, factor)
                        .isEqualTo(expected);
            }
        });
    }

    /** Any cut into chunks gives the same bits; what is by coordinate may be cut anywhere. */
    @ParameterizedTest
    @MethodSource("examples")
    void anyCutIntoChunksAndAnyOrderOfArrivalGivesTheSameBits(Example example) {
        forEachBatch((round, batch) -> {
            var expected = reduced(example.rule, batch, LENGTH, 0);
            for (var chunkFloats : new int[] {1, 5, 8, 36}) {
                assertThat(reduced(example.rule, batch, chunkFloats, round + 1))
                        .as("seed %d, round %d, chunks of %d", SEED, round, chunkFloats)
                        .isEqualTo(expected);
            }
        });
    }

    /** What a run steps along is what the rule says of the means, empty shards left out. */
    @ParameterizedTest
    @MethodSource("examples")
    void aReductionGivesWhatTheRuleDoes(Example example) {
        forEachBatch((round, batch) -> {
            var found = reduced(example.rule, batch, 8, round + 1);
            var expected = batch.average(example.rule);
            for (var i = 0; i < LENGTH; i++) {
                assertThat(found[i])
                        .as("seed %d, round %d, coordinate %d", SEED, round, i)
                        .isCloseTo(expected[i], within(1e-6f * (1 + Math.abs(expected[i]))));
            }
        });
    }

    /** A rule could drop it without a word, and with it a worker that gives nonsense (law 8). */
    @ParameterizedTest
    @MethodSource("examples")
    void whatIsNotFiniteIsNamedByItsShardAndComputedAgain(Example example) {
        var batch = new Batch(new float[5][LENGTH], new int[] {1, 2, 3, 4, 5});
        var chunks = new Chunks(LENGTH, 8);
        var out = Floats.allocate(arena, LENGTH);
        var sum = stepSum(example.rule, 5, batch, ChunkSums.of(chunks, out), chunks);
        var outcomes = new ArrayList<StepSum.Outcome>();
        for (var shard = 0; shard < 5; shard++) {
            for (var chunk = 0; chunk < chunks.count(); chunk++) {
                var piece = Floats.allocate(arena, chunks.size(chunk));
                if (shard == 3 && chunk == 2) {
                    Floats.set(piece, 6, Float.POSITIVE_INFINITY);
                }
                outcomes.add(sum.offer(leaf(shard), chunk, Payload.of(piece)));
            }
        }
        assertThat(outcomes).contains(StepSum.Outcome.NOT_FINITE);
        assertThat(sum.firstNotFinite())
                .isEqualTo(new StepSum.NotFinite(2, leaf(3), 22, Float.POSITIVE_INFINITY));
        sum.withdraw(leaf(3));
        var zeros = Floats.allocate(arena, LENGTH);
        for (var chunk = 0; chunk < chunks.count(); chunk++) {
            var piece = Floats.slice(zeros, chunks.offset(chunk), chunks.size(chunk));
            sum.offer(leaf(3), chunk, Payload.of(piece));
        }
        assertThat(sum.isComplete()).isTrue();
        assertThat(Floats.toArray(out)).containsOnly(0f);
    }

    /** The suite would see a rule that is wrong. */
    @Test
    void aRuleThatIsNotItsOracleIsFound() {
        assertThatThrownBy(() -> requireOracle(new Example(new Median(), MEDOID)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("coordinate");
    }

    private float[] reduced(AveragingRule rule, Batch batch, int chunkFloats, int order) {
        var chunks = new Chunks(LENGTH, chunkFloats);
        var out = Floats.allocate(arena, LENGTH);
        var shards = batch.samples.length + 1;
        var sum = stepSum(rule, shards, batch, ChunkSums.of(chunks, out), chunks);
        var arrivals = IntStream.range(0, shards * chunks.count()).toArray();
        if (order > 0) {
            Seeds.of(SEED, "arrival", order).shuffle(arrivals);
        }
        for (var arrival : arrivals) {
            var shard = arrival / chunks.count();
            var chunk = arrival % chunks.count();
            var piece = Floats.allocate(arena, chunks.size(chunk));
            for (var i = 0; i < chunks.size(chunk); i++) {
                // The last shard has no samples, and a sum of none.
                var value =
                        shard == shards - 1
                                ? 0
                                : batch.samples[shard]
                                        * batch.vectors[shard][(int) chunks.offset(chunk) + i];
                Floats.set(piece, i, value);
            }
            sum.offer(leaf(shard), chunk, Payload.of(piece));
        }
        assertThat(sum.isComplete()).isTrue();
        if (rule.isLinear()) {
            Floats.divide(Arrays.stream(batch.samples).sum(), out);
        }
        return Floats.toArray(out);
    }

    /** Returns a sum over so many shards, of which those behind the batch's have no samples. */
    private StepSum stepSum(
            AveragingRule rule, int shards, Batch batch, ChunkSums sums, Chunks chunks) {
        return new StepSum(
                arena,
                new ShardTree(shards),
                chunks,
                rule,
                shard -> shard < batch.samples.length ? batch.samples[shard] : 0,
                sums);
    }

    private static ShardRange leaf(int shard) {
        return new ShardRange(shard, shard + 1);
    }

    @FunctionalInterface
    private interface OfBatch {
        void check(int round, Batch batch);
    }

    private static void forEachBatch(OfBatch law) {
        for (var round = 0; round < ROUNDS; round++) {
            law.check(round, Batch.drawn(Seeds.of(SEED, "batch", round)));
        }
    }

    private static double[][] doubles(float[][] vectors) {
        return Arrays.stream(vectors)
                .map(vector ->
                        IntStream.range(0, vector.length).mapToDouble(i -> vector[i]).toArray())
                .toArray(double[][]::new);
    }

    private static double distance(double[] one, double[] other) {
        return Math.sqrt(
                IntStream.range(0, one.length)
                        .mapToDouble(i -> (one[i] - other[i]) * (one[i] - other[i]))
                        .sum());
    }
}
