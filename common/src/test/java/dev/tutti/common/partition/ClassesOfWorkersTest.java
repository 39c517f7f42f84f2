package dev.tutti.common.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.random.Seeds;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The workers have the classes that each partition promises. */
class ClassesOfWorkersTest {
    private static final long SEED = 20_261_130;
    private static final int ROUNDS = 60;

    @Test
    void sortedGivesConsecutiveClassesToConsecutiveWorkers() {
        for (var round = 0; round < ROUNDS; round++) {
            var samples = Samples.drawn(new Sorted(), Seeds.of(SEED, "partition-classes", round));
            var last = 0;
            for (var counts : Samples.classes(new Sorted(), samples)) {
                for (var k = 0; k < counts.length; k++) {
                    if (counts[k] > 0) {
                        assertThat(k)
                                .as("seed %d, round %d", SEED, round)
                                .isGreaterThanOrEqualTo(last);
                        last = k;
                    }
                }
            }
        }
    }

    @Test
    void sortedGivesAWorkerOneClassIfTheyAreAsMany() {
        assertThat(Samples.classes(new Sorted(), Samples.equal(200, 10, 10, 50, SEED)))
                .allSatisfy(counts -> assertThat(Samples.classesOf(counts)).isOne());
    }

    /** Each class fills whole pieces. */
    @ParameterizedTest
    @CsvSource({
        "1,10,10",
        "1,20,10",
        "2,5,10",
        "2,100,10",
        "3,10,10",
        "3,20,12",
        "4,50,10",
        "7,10,10",
        "10,3,10",
        "10,10,10"
    })
    void byLabelGivesExactlySoManyClasses(int k, int workers, int classes) {
        for (var seed = SEED; seed < SEED + 20; seed++) {
            var samples =
                    Samples.equal(workers * k * classes * 2, classes, workers, workers * 4, seed);
            assertThat(Samples.classes(new ByLabel(k), samples))
                    .as("seed %d", seed)
                    .allSatisfy(counts -> assertThat(Samples.classesOf(counts)).isEqualTo(k));
        }
    }

    /** The border of two classes may be within a piece; there are fewer borders than classes. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void byLabelAddsAClassOnlyAtABorder(int k) {
        for (var round = 0; round < ROUNDS; round++) {
            var partition = new ByLabel(k);
            var samples = Samples.drawn(partition, Seeds.of(SEED, "partition-classes", round));
            var classes = samples.labels().names().size();
            var all =
                    Samples.classes(partition, samples).stream().mapToInt(Samples::classesOf).sum();
            assertThat(all)
                    .as("seed %d, round %d", SEED, round)
                    .isLessThanOrEqualTo(k * samples.workers() + classes - 1);
        }
    }

    @Test
    void byLabelGivesWorkersDifferentSetsOfClasses() {
        var sets = new HashSet<List<Integer>>();
        for (var counts :
                Samples.classes(new ByLabel(2), Samples.equal(4000, 10, 100, 200, SEED))) {
            sets.add(IntStream.range(0, 10).filter(k -> counts[k] > 0).boxed().toList());
        }
        assertThat(sets).hasSizeGreaterThan(15);
    }

    @Test
    void aLargeAlphaGivesTheMixtureOfAllSamples() {
        var samples = Samples.equal(20_000, 10, 10, 100, SEED);
        var iid = Samples.distance(new Iid(), samples);
        assertThat(Samples.distance(new Dirichlet(1e6), samples))
                .as("iid has %s", iid)
                .isBetween(iid * 0.5, iid * 1.5);
    }

    @Test
    void theSmallerAlphaTheFewerClassesAWorkerHas() {
        var samples = Samples.equal(20_000, 10, 50, 500, SEED);
        var distances =
                List.of(1e4, 100.0, 10.0, 1.0, 0.1, 0.001).stream()
                        .map(alpha -> Samples.distance(new Dirichlet(alpha), samples))
                        .toList();
        assertThat(distances).isSorted().doesNotHaveDuplicates();
        assertThat(distances.getFirst()).isLessThan(0.1);
        // A worker of one class is at a distance of 0.9.
        assertThat(distances.getLast()).isGreaterThan(0.75);
    }

    /** Two samples of one worker are of one class as often as the distribution says. */
    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.5, 1, 4})
    void mixturesAreOfADirichletDistribution(double alpha) {
        var concentrations = new double[] {alpha, 2 * alpha, 5 * alpha};
        var plenty = new int[] {1, 1, 1};
        var draws = 20_000;
        var counts = new int[3];
        var same = 0;
        for (var i = 0; i < draws; i++) {
            var random = Seeds.of(SEED, "mixture-test", i);
            var mixture = ClassMixture.draw(random, concentrations, plenty);
            var first = mixture.next(random, plenty);
            counts[first]++;
            same += mixture.next(random, plenty) == first ? 1 : 0;
        }
        var sum = Arrays.stream(concentrations).sum();
        var expected = 0.0;
        for (var k = 0; k < 3; k++) {
            var a = concentrations[k];
            assertProbability(counts[k], draws, a / sum);
            expected += a * (a + 1) / (sum * (sum + 1));
        }
        assertProbability(same, draws, expected);
    }

    private static void assertProbability(int count, int draws, double p) {
        assertThat((double) count / draws)
                .isBetween(p - 4 * deviation(p, draws), p + 4 * deviation(p, draws));
    }

    private static double deviation(double p, int draws) {
        return Math.sqrt(p * (1 - p) / draws);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.2, 1, 3.5, 1000})
    void gammaVariatesHaveTheirMeanAndVariance(double shape) {
        var random = Seeds.of(SEED, "gamma-test");
        var draws = 50_000;
        var values =
                IntStream.range(0, draws)
                        .mapToDouble(_ -> Math.exp(ClassMixture.logGamma(random, shape)))
                        .toArray();
        var mean = Arrays.stream(values).average().orElseThrow();
        var variance =
                Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
        assertThat(Math.abs(mean - shape)).isLessThan(4 * Math.sqrt(shape / draws));
        // The fourth central moment of a gamma distribution is 3 shape² + 6 shape.
        assertThat(Math.abs(variance - shape))
                .isLessThan(4 * Math.sqrt((2 * shape * shape + 6 * shape) / draws));
    }

    @Test
    void aClassThatIsUsedUpIsNotDrawnAgain() {
        for (var alpha : List.of(1e-9, 0.1, 1e9)) {
            var left = new int[] {3, 0, 7, 1, 0, 4};
            var all = IntStream.of(left).sum();
            var random = Seeds.of(SEED, "used-up-test");
            var concentrations = new double[left.length];
            Arrays.fill(concentrations, alpha);
            var mixture = ClassMixture.draw(random, concentrations, left);
            for (var i = 0; i < all; i++) {
                var k = mixture.next(random, left);
                assertThat(left[k]).as("alpha %s, sample %d", alpha, i).isPositive();
                left[k]--;
            }
            assertThat(left).containsOnly(0);
        }
    }
}
