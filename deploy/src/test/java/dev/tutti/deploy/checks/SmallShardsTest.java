package dev.tutti.deploy.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.vector.Shape;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SmallShardsTest {
    @Test
    void fewSamplesAShardAreToldWithTheFigureAndWhatHelps() {
        assertThat(warning("batch-norm", 4, 120, 4))
                .hasValueSatisfying(line ->
                        assertThat(line)
                                .contains("batch-norm takes its statistics")
                                .contains("a shard has only 1 of a step's 4;")
                                .endsWith(
                                        "give --batch 64 or more, or take batch-norm(over=batch)"));
        assertThat(warning("residual(dense(3),batch-norm)", 32, 64, 4))
                .hasValueSatisfying(line ->
                        assertThat(line)
                                .contains("8 of a step's 32")
                                .endsWith(
                                        "give --batch 64 or more, or --shards 2, or take batch-norm(over=batch)"));
    }

    @Test
    void theLastStepOfAnEpochCountsToo() {
        assertThat(warning("batch-norm", 64, 65, 4))
                .hasValueSatisfying(line ->
                        assertThat(line)
                                .contains("only 1 of the 1 in the last step of an epoch")
                                .contains("a --batch that leaves a larger rest"));
        assertThat(warning("batch-norm", 64, 128, 4)).isEmpty();
        assertThat(warning("batch-norm", 64, 192 + 60, 4))
                .hasValueSatisfying(line ->
                        assertThat(line)
                                .contains("15 of the 60 in the last step")
                                .endsWith("give --shards 3, or take batch-norm(over=batch)"));
    }

    @Test
    void noMoreSamplesAreAskedForThanThereAre() {
        assertThat(warning("batch-norm", 1000, 40, 4))
                .hasValueSatisfying(line ->
                        assertThat(line)
                                .contains("10 of a step's 40")
                                .endsWith("give --shards 2, or take batch-norm(over=batch)"));
        assertThat(warning("batch-norm", 8, 40, 4))
                .hasValueSatisfying(line ->
                        assertThat(line)
                                .endsWith(
                                        "give --batch 32 with --shards 2, or take batch-norm(over=batch)"));
        assertThat(warning("batch-norm", 8, 8, 1))
                .hasValueSatisfying(line ->
                        assertThat(line)
                                .endsWith(
                                        "give more training samples, or take batch-norm(over=batch)"));
    }

    @Test
    void layersThatMixNoSamplesNeedNone() {
        assertThat(warning("layer-norm", 4, 120, 4)).isEmpty();
    }

    @Test
    void statisticsOfTheWholeBatchNeedNoLargeShards() {
        assertThat(warning("batch-norm(over=batch)", 4, 120, 4)).isEmpty();
        assertThat(warning("residual(dense(3),batch-norm(over=batch))", 4, 120, 4)).isEmpty();
    }

    private static Optional<String> warning(String layer, int batch, int train, int shards) {
        var layers = Layers.CATALOGUE.parseList("dense(3)," + layer + ",dense");
        return SmallShards.warning(Model.of(layers, Shape.of(3), 2), batch, train, shards);
    }
}
