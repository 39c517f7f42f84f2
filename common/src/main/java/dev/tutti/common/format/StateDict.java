package dev.tutti.common.format;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Model;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;

/**
 * A model's flat vector as the named tensors of PyTorch's {@code state_dict} for the same {@code
 * nn.Sequential}: {@code 0.weight}, {@code 0.bias}, ….
 */
public final class StateDict {
    private StateDict() {}

    /** Returns the tensors, as views of {@code vector}. */
    public static List<Safetensors.Tensor> of(Model model, MemorySegment vector) {
        return model.parameters().stream()
                .map(placed ->
                        new Safetensors.Tensor(
                                placed.name(),
                                placed.shape(),
                                Floats.slice(vector, placed.offset(), placed.shape().size())))
                .toList();
    }

    /**
     * Copies tensors to their places and refuses values that no training starts from.
     *
     * @param tensors all of the model's, by name, in any order
     * @param out the model's vector
     * @throws FormatException if one is missing, unknown, or of another shape, or not finite
     */
    public static void load(Model model, List<Safetensors.Tensor> tensors, MemorySegment out) {
        place(model, tensors, out);
        if (!Floats.allFinite(out)) {
            throw new FormatException(
                    "a weight is NaN or infinite, the first at index "
                            + Floats.firstNotFinite(out));
        }
    }

    /**
     * Copies tensors to their places, whatever their values.
     *
     * @param tensors all of the model's, by name, in any order
     * @param out the model's vector
     * @throws FormatException if one is missing, unknown, or of another shape
     */
    public static void place(Model model, List<Safetensors.Tensor> tensors, MemorySegment out) {
        var byName = new HashMap<String, Safetensors.Tensor>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        for (var placed : model.parameters()) {
            var tensor = byName.remove(placed.name());
            if (tensor == null) {
                throw new FormatException(
                        "no tensor %s of shape %s; there are: %s"
                                .formatted(
                                        placed.name(),
                                        placed.shape(),
                                        String.join(", ", byName.keySet())));
            }
            if (!tensor.shape().equals(placed.shape())) {
                throw new FormatException(
                        "tensor %s has shape %s, the model needs %s"
                                .formatted(placed.name(), tensor.shape(), placed.shape()));
            }
            var place = Floats.slice(out, placed.offset(), placed.shape().size());
            Floats.copy(tensor.values(), place);
        }
        if (!byName.isEmpty()) {
            throw new FormatException(
                    "tensor %s belongs to no parameter of the model %s"
                            .formatted(byName.keySet().iterator().next(), model.text()));
        }
    }
}
