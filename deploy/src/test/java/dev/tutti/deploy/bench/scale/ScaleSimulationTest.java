package dev.tutti.deploy.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.Chunks;
import org.junit.jupiter.api.Test;

/** Virtual time: the same on every machine, however busy. */
class ScaleSimulationTest {
    private static final long FLOATS = 300_000;
    private static final double VECTOR_BYTES = 4.0 * FLOATS;

    /** A link of 100 MB/s carries a vector in 12 ms. */
    private static final ScaleModel MODEL = new ScaleModel(FLOATS, 5_000_000, 1, 1e8, 100_000);

    @Test
    void aStarPaysForEveryWorkerAtTheCoordinatorsLink() {
        for (var workers : new int[] {1, 4, 12}) {
            var star = ScaleSimulation.star(MODEL, workers);
            assertThat(star.bytes())
                    .as("%d workers", workers)
                    .isCloseTo(2 * workers * VECTOR_BYTES, within(0.01 * workers * VECTOR_BYTES));
            assertThat(star.millis())
                    .as("%d workers", workers)
                    .isBetween(0.95 * MODEL.starMillis(workers), MODEL.treeMillis(workers));
        }
    }

    @Test
    void aTreePaysForItsRelaysOnly() {
        var tree = ScaleSimulation.tree(MODEL, 16, 4);
        assertThat(tree.bytes()).isCloseTo(2 * 4 * VECTOR_BYTES, within(0.05 * VECTOR_BYTES));
        assertThat(tree.millis()).isLessThan(ScaleSimulation.star(MODEL, 16).millis() / 2);
    }

    @Test
    void aFormulaCountsTheWayUpAndTheWayDown() {
        var chunks = Math.ceilDiv(FLOATS, Chunks.DEFAULT_FLOATS);
        assertThat(MODEL.treeMillis(3)).isCloseTo(5 + 2 * 3 * 12, within(1e-9));
        assertThat(MODEL.starMillis(3)).isCloseTo(5 + (1 + 1.0 / chunks) * 3 * 12, within(1e-9));
    }

    @Test
    void theSameSimulationGivesTheSameFigures() {
        assertThat(ScaleSimulation.tree(MODEL, 6, 2)).isEqualTo(ScaleSimulation.tree(MODEL, 6, 2));
    }
}
