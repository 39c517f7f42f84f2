package dev.tutti.common.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files of other programs are taken, and what is said of the others. */
class StateDictTest {
    private final Model model =
            Model.of(Layers.CATALOGUE.parseList("dense(2),batch-norm,dense"), Shape.of(2), 3);
    private final MemorySegment weights = Floats.allocate(Arena.ofAuto(), model.vectorLength());
    private final MemorySegment read = Floats.allocate(Arena.ofAuto(), model.vectorLength());

    @BeforeEach
    void number() {
        for (long i = 0; i < model.vectorLength(); i++) {
            Floats.set(weights, i, (float) (i + 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "module.", "_orig_mod.", "model.net."})
    void aPrefixOfAllNamesIsLeftOut(String prefix) {
        var tensors = named(name -> prefix + name);
        tensors.add(tensor(prefix + "1.num_batches_tracked"));
        assertThat(StateDict.prefix(model, tensors)).isEqualTo(prefix);
        StateDict.load(model, tensors, read);
        assertThat(Floats.toArray(read)).isEqualTo(Floats.toArray(weights));
    }

    @Test
    void aPrefixOfSomeNamesIsNone() {
        var tensors = named(name -> name.startsWith("2") ? name : "module." + name);
        assertThat(StateDict.prefix(model, tensors)).isEmpty();
        assertThatThrownBy(() -> StateDict.load(model, tensors, read))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("no tensor 0.weight of shape 2×2, 0.bias of shape 2, ")
                .hasMessageContaining("there are: 2.bias, 2.weight, module.0.bias");
    }

    @Test
    void whatIsMissingAndWhatThereIsIsSaid() {
        var tensors = named(name -> name);
        tensors.removeIf(tensor -> tensor.name().equals("2.bias"));
        assertThatThrownBy(() -> StateDict.load(model, tensors, read))
                .isInstanceOf(FormatException.class)
                .hasMessage(
                        "no tensor 2.bias of shape 3; there are: 0.bias, 0.weight, 1.bias,"
                                + " 1.running_mean, 1.running_var, 1.weight, 2.weight");
        assertThatThrownBy(() -> StateDict.load(model, List.of(), read))
                .hasMessageEndingWith("there are: none");
    }

    @Test
    void everyTensorTooManyIsNamed() {
        var tensors = named(name -> name);
        tensors.add(tensor("3.weight"));
        tensors.add(tensor("3.bias"));
        assertThatThrownBy(() -> StateDict.load(model, tensors, read))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("tensor 3.bias, 3.weight belongs to no parameter");
    }

    private List<Safetensors.Tensor> named(UnaryOperator<String> naming) {
        return new ArrayList<>(
                StateDict.of(model, weights).stream()
                        .map(tensor ->
                                new Safetensors.Tensor(
                                        naming.apply(tensor.name()),
                                        tensor.shape(),
                                        tensor.values()))
                        .toList());
    }

    private static Safetensors.Tensor tensor(String name) {
        return new Safetensors.Tensor(name, Shape.of(), Floats.allocate(Arena.ofAuto(), 1));
    }
}
