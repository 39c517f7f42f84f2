package dev.tutti.common.format;

import dev.tutti.common.nn.Model;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model's flat vector as the named tensors of PyTorch's {@code state_dict} for the same {@code
 * nn.Sequential}: {@code 0.weight}, {@code 0.bias}, ….
 */
public final class StateDict {
    /** PyTorch's count of the steps of a batch normalisation: nothing that Tutti computes with. */
    private static final String STEP_COUNT = "num_batches_tracked";

    private static final int NAMED_MAX = 10;

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
     * Copies tensors to their places and refuses values that no training starts from. Leaves out
     * the {@linkplain #prefix prefix} of all names, and PyTorch's step counts.
     *
     * @param tensors all of the model's, by name, in any order
     * @param out the model's vector
     * @throws FormatException if one is missing, unknown, or of another shape, or not finite
     */
    public static void load(Model model, List<Safetensors.Tensor> tensors, MemorySegment out) {
        var length = prefix(model, tensors).length();
        var own =
                tensors.stream()
                        .filter(tensor -> !isStepCount(tensor.name()))
                        .map(tensor ->
                                new Safetensors.Tensor(
                                        tensor.name().substring(length),
                                        tensor.shape(),
                                        tensor.values()))
                        .toList();
        place(model, own, out);
        if (!Floats.allFinite(out)) {
            throw new FormatException(
                    "a weight is NaN or infinite, the first at index "
                            + Floats.firstNotFinite(out));
        }
    }

    /**
     * Returns what stands in front of every tensor's name, as {@code module.} does if PyTorch's
     * DistributedDataParallel wrapped the model; empty if nothing does.
     */
    public static String prefix(Model model, List<Safetensors.Tensor> tensors) {
        var names =
                tensors.stream()
                        .map(Safetensors.Tensor::name)
                        .filter(name -> !isStepCount(name))
                        .toList();
        var first = model.parameters().isEmpty() ? "" : model.parameters().getFirst().name();
        return names.stream()
                .filter(name -> !first.isEmpty() && name.endsWith("." + first))
                .map(name -> name.substring(0, name.length() - first.length()))
                .filter(prefix -> names.stream().allMatch(name -> name.startsWith(prefix)))
                .findFirst()
                .orElse("");
    }

    /** Tells whether a tensor is a step count of PyTorch's. */
    static boolean isStepCount(String name) {
        return name.equals(STEP_COUNT) || name.endsWith("." + STEP_COUNT);
    }

    /**
     * Copies tensors to their places and does not look at their values.
     *
     * @param tensors all of the model's, by name, in any order
     * @param out the model's vector
     * @throws FormatException if one is missing, unknown, or of another shape
     */
    public static void place(Model model, List<Safetensors.Tensor> tensors, MemorySegment out) {
        var byName = new TreeMap<String, Safetensors.Tensor>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        requireAll(model, byName);
        for (var placed : model.parameters()) {
            var tensor = byName.remove(placed.name());
            if (tensor == null) {
                throw new IllegalStateException("the names were checked before");
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
                            .formatted(listed(List.copyOf(byName.keySet())), model.text()));
        }
    }

    private static void requireAll(Model model, Map<String, Safetensors.Tensor> byName) {
        var missing =
                model.parameters().stream()
                        .filter(placed -> !byName.containsKey(placed.name()))
                        .map(placed -> "%s of shape %s".formatted(placed.name(), placed.shape()))
                        .toList();
        if (!missing.isEmpty()) {
            throw new FormatException(
                    "no tensor %s; there are: %s"
                            .formatted(
                                    listed(missing),
                                    byName.isEmpty()
                                            ? "none"
                                            : listed(List.copyOf(byName.keySet()))));
        }
    }

    private static String listed(List<String> names) {
        var shown = String.join(", ", names.subList(0, Math.min(NAMED_MAX, names.size())));
        return names.size() <= NAMED_MAX
                ? shown
                : "%s and %d more".formatted(shown, names.size() - NAMED_MAX);
    }
}
