package dev.tutti.common.average;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.average.batch.BatchRound.Kind;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.random.Seeds;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchRoundTest {
    private static final long SEED = 20_261_128;
    private static final BatchRound MOMENTS = new BatchRound(Kind.MOMENTS, 1, 1);

    /** Σ x² − n·mean² has no right digit left where the mean is 10⁸ times the deviation. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 1, 1e4, 1e8})
    void momentsOfNodesAreThoseOfAllValues(double mean) {
        var random = Seeds.of(SEED, "values");
        var values = new double[97];
        Arrays.setAll(values, _ -> mean + random.nextGaussian());
        var tree = new ShardTree(13);

        var found = over(tree, tree.root(), values);

        var expected = moments(values);
        assertThat(found.get(0)).isEqualTo(97);
        assertThat(found.get(1)).isCloseTo(expected.get(1), within(1e-15 * (1 + mean)));
        assertThat(found.get(2) / expected.get(2)).isCloseTo(1, within(1e-9));
    }

    private static BatchStatistics over(ShardTree tree, ShardRange node, double... values) {
        if (node.size() == 1) {
            var from = node.from() * values.length / tree.shards();
            var to = node.to() * values.length / tree.shards();
            return moments(Arrays.copyOfRange(values, from, to));
        }
        return MOMENTS.plus(
                over(tree, tree.left(node), values), over(tree, tree.right(node), values));
    }

    private static BatchStatistics moments(double... values) {
        var mean = Arrays.stream(values).sum() / values.length;
        var squares = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
        return BatchStatistics.of(values.length, mean, squares);
    }

    @Test
    void nodesWithoutSamplesChangeNothing() {
        var some = BatchStatistics.of(3, 0.1, 0.7);
        assertThat(MOMENTS.plus(some, MOMENTS.none())).isEqualTo(some);
        assertThat(MOMENTS.plus(MOMENTS.none(), some)).isEqualTo(some);
        assertThat(MOMENTS.plus(MOMENTS.none(), MOMENTS.none())).isEqualTo(MOMENTS.none());
    }

    @Test
    void gradientsOfNodesAddUpChannelByChannel() {
        var round = new BatchRound(Kind.MOMENTS, 2, 3).backward();
        var left = BatchStatistics.of(6, 1, 2, 3, 4);
        var right = BatchStatistics.of(3, 10, 20, 30, 40);
        assertThat(round.plus(left, right)).isEqualTo(BatchStatistics.of(9, 11, 22, 33, 44));
    }

    @Test
    void whatCannotBeAnAnswerIsRefused() {
        var round = new BatchRound(Kind.MOMENTS, 1, 4);
        assertThat(round.refusal(BatchStatistics.of(8, 0.5, 1), 2)).isEmpty();
        assertThat(round.refusal(BatchStatistics.of(8, 0.5), 2))
                .contains("2 statistics, expected 3");
        assertThat(round.refusal(BatchStatistics.of(7, 0.5, 1), 2))
                .contains("statistics of 7.0 values of a channel, expected 8");
    }
}
