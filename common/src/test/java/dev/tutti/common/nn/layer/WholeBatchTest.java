package dev.tutti.common.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.init.XavierNormal;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Quadratic;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that normalise over the batch compute, over any cut of it, what one shard would. */
class WholeBatchTest {
    private static final long SEED = 20_261_128;
    private static final int SAMPLES = 8;
    private static final Loss LOSS = new Quadratic();
    private static final String VECTOR =
            "dense(5),batch-norm(momentum=0.2,over=batch),tanh,dense(4),"
                    + "batch-norm(over=batch),softplus,dense(2)";
    private static final String NESTED =
            "conv2d(2,3),residual(batch-norm(over=batch),tanh,residual(conv2d(2,1),"
                    + "batch-norm(over=batch))),sigmoid,flatten,dense(2)";

    /** Asks first of all, with no gradient of its input wanted. */
    private static final String FIRST = "batch-norm(over=batch),flatten,dense(2)";

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                VECTOR + ";2",
                VECTOR + ";3",
                VECTOR + ";8",
                VECTOR + ";11",
                NESTED + ";2",
                NESTED + ";8",
                NESTED + ";13",
                FIRST + ";2",
                FIRST + ";8"
            })
    void gradientOverACutIsThatOfBatchNormOverAll(String layers, int shards) {
        var alone = batch(layers.replace("(over=batch)", "").replace(",over=batch", ""), 1);
        var expected = alone.train();
        var found = batch(layers, shards).train();

        assertThat(alone.model().rounds()).isEmpty();
        assertThat(found.cost()).isCloseTo(expected.cost(), within(expected.cost()));
        for (var i = 0; i < expected.gradient().length; i++) {
            assertThat(found.gradient()[i])
                    .as("%s, seed %d", alone.model().parameters(), SEED)
                    .isCloseTo(expected.gradient()[i], within(expected.gradient()[i]));
        }
    }

    private static org.assertj.core.data.Offset<Double> within(double expected) {
        return org.assertj.core.api.Assertions.within(2e-5 + 2e-5 * Math.abs(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {VECTOR, NESTED, FIRST})
    void oneShardHasTheBitsOfBatchNorm(String layers) {
        var alone = batch(layers.replace("(over=batch)", "").replace(",over=batch", ""), 1);
        assertThat(batch(layers, 1).train().gradient()).isEqualTo(alone.train().gradient());
    }

    /** The slope of the cost of the whole batch, through its statistics. */
    @ParameterizedTest
    @ValueSource(strings = {VECTOR, NESTED, FIRST})
    void gradientOverACutIsTheSlope(String layers) {
        var batch = batch(layers, 4);
        var trained = (int) batch.model().parameterCount();
        var found = new float[trained];
        var gradient = batch.train().gradient();
        for (var i = 0; i < trained; i++) {
            found[i] = (float) gradient[i];
        }
        var weights = Floats.slice(batch.weights(), 0, trained);
        var slopes = Slopes.of(weights, () -> batch.train().cost());
        assertThat(Slopes.worstError(found, slopes))
                .as("seed %d", SEED)
                .isLessThan(Slopes.TOLERANCE);
    }

    @Test
    void aModelAsksForwardThenBackwardInReverse() {
        var rounds = batch(VECTOR, 2).model().rounds();
        assertThat(rounds)
                .extracting(round -> round.kind() + " " + round.channels())
                .containsExactly("MOMENTS 5", "MOMENTS 4", "GRADIENTS 4", "GRADIENTS 5");
        assertThat(batch(NESTED, 2).model().rounds()).hasSize(4);
    }

    /** Each value is 10⁴ and a little: in floats alone the variance would be noise. */
    @Test
    void aMeanThatIsMuchLargerThanTheDeviationCostsNoPrecision() {
        var batch = batch("batch-norm(over=batch),dense(2)", 8, 1e4, Shape.of(3));
        var alone = batch("batch-norm,dense(2)", 1, 1e4, Shape.of(3));
        var found = batch.train();
        var expected = alone.train();
        for (var i = 0; i < expected.gradient().length; i++) {
            assertThat(found.gradient()[i])
                    .isCloseTo(expected.gradient()[i], within(expected.gradient()[i]));
        }
    }

    @Test
    void aGradientWithoutTheStatisticsOfTheBatchIsABug() {
        var batch = batch(VECTOR, 2);
        var model = batch.model();
        var pass =
                new PassContext(
                        PassContext.Mode.TRAINING, 1, 1, row -> row, WholeBatch.of(List.of()));
        var workspace = new Workspace(arena, model, LOSS, 2);
        var gradient = Floats.allocate(arena, model.vectorLength());
        assertThatThrownBy(() ->
                        model.lossAndGradient(
                                new PlainKernel(),
                                LOSS,
                                batch.weights(),
                                workspace,
                                2,
                                pass,
                                gradient))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anEvaluationAsksNothing() {
        var batch = batch(VECTOR, 2);
        var pass =
                new PassContext(
                        PassContext.Mode.EVALUATION, 1, 1, row -> row, WholeBatch.of(List.of()));
        var workspace = new Workspace(arena, batch.model(), LOSS, 2);
        var cost =
                batch.model()
                        .loss(
                                new PlainKernel(),
                                LOSS,
                                Elements.of(batch.weights()),
                                workspace,
                                2,
                                pass);
        assertThat(cost).isFinite();
        assertThat(pass.isOver()).isFalse();
    }

    @Test
    void moreChannelsThanAMessageHoldsAreRefused() {
        var max = BatchNorm.CHANNELS_OVER_BATCH_MAX;
        var layers = Layers.CATALOGUE.parseList("batch-norm(over=batch),dense(1)");
        assertThat(Model.of(layers, Shape.of(max), 1).rounds()).hasSize(2);
        assertThatThrownBy(() -> Model.of(layers, Shape.of(max + 1), 1))
                .isInstanceOf(PlugInException.class)
                .hasMessage(
                        "layer 0 (batch-norm(over=batch)) takes at most 2000 channels with over=batch,"
                                + " found 2001; over=shard takes any");
    }

    private ShardedBatch batch(String layers, int shards) {
        var image = !layers.startsWith("dense");
        return batch(layers, shards, 0, image ? Shape.of(1, 4, 4) : Shape.of(3));
    }

    private ShardedBatch batch(String layers, int shards, double mean, Shape input) {
        var model = Model.of(Layers.CATALOGUE.parseList(layers), input, 2);
        return new ShardedBatch(
                arena,
                model,
                LOSS,
                weights(model),
                drawn("features", mean, SAMPLES * input.size()),
                drawn("targets", 0, SAMPLES * 2),
                shards);
    }

    private MemorySegment weights(Model model) {
        var weights = Floats.allocate(arena, model.vectorLength());
        model.initialize(new XavierNormal(), SEED, weights);
        var moves = drawn("moves", 0, (int) model.vectorLength());
        for (var i = 0; i < moves.length; i++) {
            Floats.set(weights, i, Floats.get(weights, i) + 0.1f * moves[i]);
        }
        return weights;
    }

    private static float[] drawn(String purpose, double mean, int count) {
        var random = Seeds.of(SEED, purpose);
        var values = new float[count];
        for (var i = 0; i < count; i++) {
            values[i] = (float) (mean + random.nextGaussian());
        }
        return values;
    }
}
