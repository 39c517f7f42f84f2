package dev.tutti.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.init.HeUniform;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.loss.SoftmaxCrossEntropy;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ZooTest {
    @ParameterizedTest
    @MethodSource("dev.tutti.common.nn.Zoo#names")
    void modelOfTheZooTakesOneStepDown(String name) {
        var model = Model.of(Zoo.layers(name), Shape.of(1, 16, 16), 10);
        var loss = new SoftmaxCrossEntropy();
        var pass = new PassContext(PassContext.Mode.TRAINING, 1, 1, row -> row);
        try (var arena = Arena.ofConfined()) {
            var workspace = new Workspace(arena, model, loss, 4);
            var weights = Floats.allocate(arena, model.vectorLength());
            var gradient = Floats.allocate(arena, model.vectorLength());
            var random = Seeds.of(1, "test");
            for (long i = 0; i < Floats.count(workspace.features()); i++) {
                Floats.set(workspace.features(), i, (float) random.nextDouble());
            }
            model.initialize(new HeUniform(), 1, weights);
            var kernel = new PlainKernel();
            var before = model.lossAndGradient(kernel, loss, weights, workspace, 4, pass, gradient);
            assertThat(Floats.allFinite(gradient)).isTrue();
            for (long i = 0; i < model.parameterCount(); i++) {
                var step = -0.001f * Floats.get(gradient, i);
                Floats.set(weights, i, Floats.get(weights, i) + step);
            }

            assertThat(model.loss(kernel, loss, weights, workspace, 4, pass)).isLessThan(before);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.tutti.common.nn.Zoo#names")
    void textOfAModelOfTheZooGivesTheSameModel(String name) {
        var model = Model.of(Zoo.layers(name), Shape.of(1, 28, 28), 10);

        assertThat(Zoo.layers(model.text())).isEqualTo(model.layers());
    }

    @Test
    void nameThatIsNotInTheZooIsReadAsLayers() {
        assertThat(Zoo.layers("dense(3),relu")).hasSize(2);
        assertThatThrownBy(() -> Zoo.layers("lenet6")).hasMessageContaining("unknown layer");
    }
}
