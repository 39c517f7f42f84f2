package dev.tutti.common.optim;

import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.vector.Shape;
import java.util.List;

/**
 * Where the trained parameters lie in the flat vector: one after the other from its start, without
 * a gap. Behind them are statistics.
 *
 * @param tensors in their order
 */
public record TensorLayout(List<Placed> tensors) {
    /**
     * A parameter's place.
     *
     * @param offset of its first float
     * @param shape of it
     */
    public record Placed(long offset, Shape shape) {}

    /** Copies the list. */
    public TensorLayout {
        tensors = List.copyOf(tensors);
    }

    /** Returns the layout of a model's vector. */
    public static TensorLayout of(Model model) {
        return new TensorLayout(
                model.parameters().stream()
                        .filter(placed -> placed.parameter().kind() == Parameter.Kind.TRAINED)
                        .map(placed -> new Placed(placed.offset(), placed.shape()))
                        .toList());
    }

    /** Returns how many floats are trained. */
    public long trained() {
        return tensors.isEmpty()
                ? 0
                : tensors.getLast().offset() + tensors.getLast().shape().size();
    }
}
