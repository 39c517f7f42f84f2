package dev.tutti.common.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.init.HeNormal;
import dev.tutti.common.nn.loss.Quadratic;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchNormTest {
    private static final PassContext TRAINING =
            new PassContext(PassContext.Mode.TRAINING, 1, 1, row -> row);

    private final Arena arena = Arena.ofConfined();
    private final Model model =
            Model.of(
                    Layers.CATALOGUE.parseList("batch-norm(momentum=0.25),dense(1)"),
                    Shape.of(1),
                    1);

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    /** Returns the gradient vector of these inputs, with running mean 2 and variance 4. */
    private float[] gradient(PassContext pass, float... inputs) {
        var loss = new Quadratic();
        var workspace = new Workspace(arena, model, loss, 8);
        Floats.copy(Floats.of(arena, inputs), workspace.features());
        var gradient = Floats.allocate(arena, model.vectorLength());
        model.lossAndGradient(
                new PlainKernel(), loss, weights(), workspace, inputs.length, pass, gradient);
        return Floats.toArray(gradient);
    }

    private MemorySegment weights() {
        return Floats.of(arena, 1, 0, 0.5f, 0.1f, 2, 4);
    }

    @Test
    void statisticsStandBehindAllTrainedParameters() {
        assertThat(model.parameterCount()).isEqualTo(4);
        assertThat(model.vectorLength()).isEqualTo(6);
        assertThat(model.parameters())
                .extracting(Model.Placed::name)
                .containsExactly(
                        "0.weight",
                        "0.bias",
                        "1.weight",
                        "1.bias",
                        "0.running_mean",
                        "0.running_var");
        assertThat(model.parameters())
                .extracting(Model.Placed::offset)
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void runningMeansStartAtZeroAndOne() {
        var weights = Floats.allocate(arena, model.vectorLength());
        model.initialize(new HeNormal(), 1, weights);

        assertThat(Floats.get(weights, 4)).isEqualTo(0f);
        assertThat(Floats.get(weights, 5)).isEqualTo(1f);
    }

    @Test
    void samplesOfShardsAskTogetherForTheMeanOverTheBatch() {
        var first = gradient(TRAINING, 1, 3, 5); // mean 3, variance 4
        var second = gradient(TRAINING, 10, 14, 10, 14, 12); // mean 12, variance 4

        var meanMove = (first[4] + second[4]) / 8;
        var varianceMove = (first[5] + second[5]) / 8;

        assertThat(2 + meanMove)
                .isCloseTo(0.75f * 2 + 0.25f * (3 * 3 + 5 * 12) / 8f, within(1e-5f));
        assertThat(4 + varianceMove).isCloseTo(4f, within(1e-5f));
    }

    @Test
    void oneValueAsksForNoChangeOfTheVariance() {
        var gradient = gradient(TRAINING, 6);

        assertThat(gradient[4]).isCloseTo(0.25f * (6 - 2), within(1e-6f));
        assertThat(gradient[5]).isZero();
        assertThat(gradient[0]).isFinite();
    }

    @Test
    void evaluationUsesTheRunningMeansAndAsksForNothing() {
        var loss = new Quadratic();
        var workspace = new Workspace(arena, model, loss, 8);
        Floats.copy(Floats.of(arena, 6), workspace.features());

        var out = model.predict(new PlainKernel(), weights(), workspace, 1);

        assertThat(Floats.get(out, 0)).isCloseTo(0.5f * (6 - 2) / 2 + 0.1f, within(1e-4f));
        assertThat(gradient(PassContext.EVALUATION, 6, 7)).endsWith(0f, 0f);
    }
}
