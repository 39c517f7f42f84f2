package dev.tutti.deploy.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.Chunks;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Virtual time: the same on every machine, however busy. */
class ClusterSimulationTest {
    private static final long FLOATS = 300_032;
    private static final double VECTOR_BYTES = 4.0 * FLOATS;

    /** On a link of 100 MB/s. */
    private static final double VECTOR_MILLIS = VECTOR_BYTES / 1e5;

    private static final LinkSpeed LINK = new LinkSpeed(1e8, 100_000);

    private static final Costs COSTS = new Costs(FLOATS, 5_000_000, 1, LINK, Optional.empty());

    /** A vector from each worker; of the way back only the last chunk takes time of its own. */
    private static double starMillis(int workers) {
        var chunks = Math.ceilDiv(FLOATS, Chunks.DEFAULT_FLOATS);
        return 5 + (1 + 1.0 / chunks) * workers * VECTOR_MILLIS;
    }

    @Test
    void aStarPaysForEveryWorkerAtTheCoordinatorsLink() {
        for (var workers : new int[] {1, 4, 12}) {
            var star = ClusterSimulation.predict(COSTS, Topology.STAR, workers);
            assertThat(star.coordinatorBytes())
                    .as("%d workers", workers)
                    .isCloseTo(2 * workers * VECTOR_BYTES, within(0.01 * workers * VECTOR_BYTES));
            assertThat(star.millis())
                    .as("%d workers", workers)
                    .isBetween(0.95 * starMillis(workers), 5 + 2.0 * workers * VECTOR_MILLIS);
            assertThat(star.bottleneck()).contains("the link").contains("the coordinator");
        }
    }

    @Test
    void aTreePaysForItsRelaysOnly() {
        var tree = ClusterSimulation.predict(COSTS, new Topology(4), 16);
        assertThat(tree.relays()).isEqualTo(4);
        assertThat(tree.coordinatorBytes())
                .isCloseTo(2 * 4 * VECTOR_BYTES, within(0.05 * VECTOR_BYTES));
        assertThat(tree.millis())
                .isLessThan(ClusterSimulation.predict(COSTS, Topology.STAR, 16).millis() / 2);
    }

    /** 32 workers with a fanout of 4: two relays, each with four below it. */
    @Test
    void aTreeHasAsManyLevelsAsItsFanoutNeeds() {
        var tree = ClusterSimulation.predict(COSTS, new Topology(4), 32);
        assertThat(tree.relays()).isEqualTo(2 + 2 * 4);
        assertThat(tree.coordinatorBytes())
                .isCloseTo(2 * 2 * VECTOR_BYTES, within(0.05 * VECTOR_BYTES));
    }

    @Test
    void aComputationThatTakesLongIsTheBottleneck() {
        var slow = new Costs(FLOATS, 1_000_000_000, 1, LINK, Optional.empty());
        var star = ClusterSimulation.predict(slow, Topology.STAR, 2);
        assertThat(star.bottleneck()).isEqualTo("computing on a worker");
        assertThat(star.busy()).isBetween(0.9, 1.0);
    }

    /** A code goes up alone: only the weights take the coordinator's link. */
    @Test
    void aCompressedGradientTakesItsBytesAndTheTimeToEncodeAndDecode() {
        var code = new Costs.CodeCosts(10_000, 1_000_000, 500_000);
        var coded =
                ClusterSimulation.predict(
                        new Costs(FLOATS, 5_000_000, 1, LINK, Optional.of(code)), Topology.STAR, 4);
        assertThat(coded.coordinatorBytes())
                .isCloseTo(4 * (VECTOR_BYTES + 10_000), within(0.01 * VECTOR_BYTES));
        assertThat(coded.millis())
                .isLessThan(ClusterSimulation.predict(COSTS, Topology.STAR, 4).millis());
    }

    @Test
    void theSameSimulationGivesTheSameFigures() {
        assertThat(ClusterSimulation.predict(COSTS, new Topology(2), 6))
                .isEqualTo(ClusterSimulation.predict(COSTS, new Topology(2), 6));
    }
}
