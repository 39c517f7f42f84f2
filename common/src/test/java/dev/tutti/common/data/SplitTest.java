package dev.tutti.common.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 42, -7})
    void everyRowIsInExactlyOneListAndEachListAscends(long seed) {
        var random = Seeds.of(seed, "split-test");
        for (var round = 0; round < 200; round++) {
            var count = 20 + random.nextInt(500);
            var own = random.nextInt(2) * random.nextInt(count / 2);
            var validation = 0.4 * random.nextDouble() + 0.05;
            var test = own > 0 ? 0 : 0.4 * random.nextDouble() + 0.05;
            var split = Split.of(count, own, validation, test, seed);
            var context = "seed %d, round %d, %d rows, %d own".formatted(seed, round, count, own);
            for (var list : new int[][] {split.train(), split.validation(), split.test()}) {
                assertThat(list).as(context).isSorted();
            }
            assertThat(
                            Stream.of(split.train(), split.validation(), split.test())
                                    .flatMapToInt(IntStream::of)
                                    .toArray())
                    .as(context)
                    .containsExactlyInAnyOrder(IntStream.range(0, count).toArray());
        }
    }

    @Test
    void fractionsAreRoundedOverTheRows() {
        var split = Split.of(1797, 0, 0.1, 0.2, 7);
        assertThat(split.validation()).hasSize(180);
        assertThat(split.test()).hasSize(359);
        assertThat(split.train()).hasSize(1797 - 180 - 359);
    }

    @Test
    void theOwnTestSetIsTheLastRows() {
        var split = Split.of(10, 3, 0.2, 0, 7);
        assertThat(split.test()).containsExactly(7, 8, 9);
        assertThat(split.validation()).hasSize(1).doesNotContain(7, 8, 9);
        assertThat(split.train()).hasSize(6).doesNotContain(7, 8, 9);
    }

    @Test
    void withoutFractionsAllRowsTrain() {
        var split = Split.of(5, 0, 0, 0, 7);
        assertThat(split.train()).containsExactly(0, 1, 2, 3, 4);
        assertThat(split.validation()).isEmpty();
        assertThat(split.test()).isEmpty();
    }

    @Test
    void theSplitIsAPureFunctionOfTheSeed() {
        assertThat(Split.of(100, 0, 0.1, 0.2, 7).test())
                .isEqualTo(Split.of(100, 0, 0.1, 0.2, 7).test());
        assertThat(Split.of(100, 0, 0.1, 0.2, 7).test())
                .isNotEqualTo(Split.of(100, 0, 0.1, 0.2, 8).test());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    10 | 0 | -0.1 | 0   | the validation fraction must be at least 0 and below 1, was -0.1
                    10 | 0 | 1    | 0   | the validation fraction must be at least 0 and below 1, was 1.0
                    10 | 0 | NaN  | 0   | the validation fraction must be at least 0 and below 1, was NaN
                    10 | 0 | 0    | 1.5 | the test fraction must be at least 0 and below 1, was 1.5
                    10 | 0 | 0.5  | 0.5 | validation 0.5 and test 0.5 leave none of 10 samples to train on
                    10 | 0 | 0    | 0.99| validation 0.0 and test 0.99 leave none of 10 samples to train on
                    10 | 0 | 0.01 | 0   | the validation fraction 0.01 of 10 samples is less than one sample
                    10 | 3 | 0    | 0.2 | the dataset has its own test set of 3 samples: leave out the test fraction 0.2
                    """)
    void aFractionThatCannotBeIsRefused(
            int count, int own, double validation, double test, String message) {
        assertThatThrownBy(() -> Split.of(count, own, validation, test, 7))
                .isInstanceOf(DataException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 42, -7})
    void everyClassHasItsShareOfEachListWhateverTheOrder(long seed) {
        var random = Seeds.of(seed, "stratified-test");
        for (var round = 0; round < 100; round++) {
            var labels = new int[100 + random.nextInt(400)];
            var classes = 2 + random.nextInt(6);
            for (var i = 0; i < labels.length; i++) {
                labels[i] = Math.min(random.nextInt(classes), random.nextInt(classes));
            }
            if (round % 2 == 0) {
                Arrays.sort(labels);
            }
            var split = stratified(labels, classes, 0, 0.1, 0.2, seed);
            var context = "seed %d, round %d".formatted(seed, round);
            var plain = Split.of(labels.length, 0, 0.1, 0.2, seed);
            assertThat(split.test()).as(context).hasSameSizeAs(plain.test()).isSorted();
            assertThat(split.validation()).as(context).hasSameSizeAs(plain.validation()).isSorted();
            assertThat(
                            Stream.of(split.train(), split.validation(), split.test())
                                    .flatMapToInt(IntStream::of)
                                    .toArray())
                    .as(context)
                    .containsExactlyInAnyOrder(IntStream.range(0, labels.length).toArray());
            assertShares(labels, classes, split.test(), context);
            assertShares(labels, classes, split.validation(), context);
        }
    }

    private static void assertShares(int[] labels, int classes, int[] part, String context) {
        var all = counts(labels, IntStream.range(0, labels.length).toArray(), classes);
        var found = counts(labels, part, classes);
        for (var k = 0; k < classes; k++) {
            var share = (double) all[k] * part.length / labels.length;
            assertThat((double) found[k]).as(context).isBetween(share - 1, share + 1);
        }
    }

    @Test
    void aRareClassStaysInTraining() {
        var labels = new int[203];
        Arrays.fill(labels, 0, 100, 1);
        Arrays.fill(labels, 200, 203, 2);
        var split = stratified(labels, 3, 0, 0.1, 0.1, 7);
        assertThat(counts(labels, split.train(), 3)).containsExactly(80, 80, 3);
        assertThat(counts(labels, split.test(), 3)).containsExactly(10, 10, 0);
    }

    @Test
    void classesOfOneRowAreSplitAsFarAsTheyMust() {
        var labels = IntStream.range(0, 10).toArray();
        var split = stratified(labels, 10, 0, 0.2, 0.3, 7);
        assertThat(split.test()).hasSize(3);
        assertThat(split.validation()).hasSize(2);
        assertThat(split.train()).hasSize(5);
    }

    @Test
    void theOwnTestSetIsNotStratified() {
        var split = stratified(new int[] {0, 0, 0, 0, 1, 1, 1, 1, 2, 2}, 3, 2, 0.25, 0, 7);
        assertThat(split.test()).containsExactly(8, 9);
        var validation = counts(new int[] {0, 0, 0, 0, 1, 1, 1, 1, 2, 2}, split.validation(), 3);
        assertThat(validation).containsExactly(1, 1, 0);
    }

    @Test
    void realValuesAreDrawnAsEver() {
        try (var arena = Arena.ofConfined()) {
            var values = new Targets.Values(List.of("y"), Floats.allocate(arena, 50));
            var split = Split.of(50, 0, values, 0.1, 0.2, 7);
            assertThat(split.test()).isEqualTo(Split.of(50, 0, 0.1, 0.2, 7).test());
        }
    }

    private static Split stratified(
            int[] labels, int classes, int testCount, double validation, double test, long seed) {
        try (var arena = Arena.ofConfined()) {
            var names = IntStream.range(0, classes).mapToObj(Integer::toString).toList();
            var targets = new Targets.Labels(names, Samples.ints(arena, labels));
            return Split.of(labels.length, testCount, targets, validation, test, seed);
        }
    }

    private static int[] counts(int[] labels, int[] rows, int classes) {
        var counts = new int[classes];
        for (var row : rows) {
            counts[labels[row]]++;
        }
        return counts;
    }
}
