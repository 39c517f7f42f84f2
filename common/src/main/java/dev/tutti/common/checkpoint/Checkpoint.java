package dev.tutti.common.checkpoint;

import dev.tutti.common.format.FormatException;
import dev.tutti.common.format.Safetensors;
import dev.tutti.common.format.StateDict;
import dev.tutti.common.nn.Model;
import dev.tutti.common.step.course.SavedRun;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint (law 6) as a safetensors file: the weights under the names that they have in {@code
 * model.safetensors}, each slot and the best weights so far under the same names behind {@code
 * slots.0.} and {@code best.}, gradients that wait for their steps as {@code tasks.0} and so on,
 * earlier weights that tasks need as {@code versions.0} and so on, vectors that are kept from step
 * to step as {@code vectors.0} and so on, and everything else as metadata. The file carries the
 * SHA-256 of itself.
 *
 * @param position what the metadata says of where the run stands
 * @param configuration what the run's bits follow from, as texts by name
 * @param figures what the run's summary counts, in a form of its owner
 * @param tensors in the order of the file
 */
public record Checkpoint(
        Position position,
        Map<String, String> configuration,
        String figures,
        List<Safetensors.Tensor> tensors) {
    private static final String FORM = "tutti.checkpoint";
    private static final String FORM_VERSION = "1";
    private static final String FIGURES = "tutti.figures";
    private static final String CONFIGURATION = "run.";
    private static final String BEST = "best.";
    private static final String TASKS = "tasks.";
    private static final String VERSIONS = "versions.";
    private static final String VECTORS = "vectors.";

    /** Copies the collections. */
    public Checkpoint {
        configuration = Map.copyOf(configuration);
        tensors = List.copyOf(tensors);
    }

    /** Returns the checkpoint of a run; its tensors are views of the run's memory. */
    public static Checkpoint of(
            SavedRun run, Model model, Map<String, String> configuration, String figures) {
        var tensors = new ArrayList<>(StateDict.of(model, run.state().weights()));
        for (var i = 0; i < run.state().slots().size(); i++) {
            tensors.addAll(named(slot(i), model, run.state().slots().get(i)));
        }
        if (Floats.count(run.best().weights()) > 0) {
            tensors.addAll(named(BEST, model, run.best().weights()));
        }
        for (var i = 0; i < run.tasks().size(); i++) {
            tensors.add(flat(TASKS + i, run.tasks().get(i).gradient()));
        }
        for (var i = 0; i < run.versions().size(); i++) {
            tensors.add(flat(VERSIONS + i, run.versions().get(i).weights()));
        }
        for (var i = 0; i < run.vectors().size(); i++) {
            tensors.add(flat(VECTORS + i, run.vectors().get(i).values()));
        }
        return new Checkpoint(Position.of(run), configuration, figures, tensors);
    }

    private static Safetensors.Tensor flat(String name, MemorySegment vector) {
        return new Safetensors.Tensor(
                name, Shape.of(Math.toIntExact(Floats.count(vector))), vector);
    }

    /** Returns the file's bytes as segments that follow one another. */
    public List<MemorySegment> write() {
        var metadata = new TreeMap<String, String>();
        metadata.put(FORM, FORM_VERSION);
        metadata.put(FIGURES, figures);
        configuration.forEach((name, value) -> metadata.put(CONFIGURATION + name, value));
        metadata.putAll(position.toMetadata());
        return SelfDigest.write(tensors, metadata);
    }

    /**
     * Reads a whole file; the tensors are copies.
     *
     * @throws FormatException if a single bit is not as it was written
     */
    public static Checkpoint read(MemorySegment file) {
        var content = SelfDigest.read(file);
        var metadata = content.metadata();
        var version = metadata.get(FORM);
        if (!FORM_VERSION.equals(version)) {
            throw new FormatException(
                    "checkpoint form %s found, %s expected: use the release of tutti that wrote it"
                            .formatted(version, FORM_VERSION));
        }
        var configuration =
                metadata.entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith(CONFIGURATION))
                        .collect(
                                Collectors.toMap(
                                        entry -> entry.getKey().substring(CONFIGURATION.length()),
                                        Map.Entry::getValue));
        return new Checkpoint(
                Position.fromMetadata(metadata),
                configuration,
                metadata.getOrDefault(FIGURES, ""),
                content.tensors());
    }

    /**
     * Copies weights and slots to their places.
     *
     * @param model that the configuration describes
     * @param out state of this model and the configuration's optimizer
     * @return the run over {@code out}
     * @throws FormatException if the tensors are not those of the model and the optimizer
     */
    public SavedRun load(Model model, TrainingState out) {
        var byPrefix = tensors.stream().collect(Collectors.groupingBy(Checkpoint::prefix));
        place("", byPrefix, model, out.weights());
        for (var i = 0; i < out.slots().size(); i++) {
            place(slot(i), byPrefix, model, out.slots().get(i));
        }
        var best = Floats.NONE;
        if (byPrefix.containsKey(BEST)) {
            best = Floats.allocate(Arena.ofAuto(), model.vectorLength());
            place(BEST, byPrefix, model, best);
        }
        var gradients = flat(TASKS, position.tasks().size(), byPrefix.remove(TASKS), model);
        var versions = flat(VERSIONS, position.versions().size(), byPrefix.remove(VERSIONS), model);
        var vectors = flat(VECTORS, position.vectors().size(), byPrefix.remove(VECTORS), model);
        if (!byPrefix.isEmpty()) {
            throw new FormatException(
                    "tensors %s… belong to nothing that the run has"
                            .formatted(byPrefix.keySet().iterator().next()));
        }
        return position.over(out, best, gradients, versions, vectors);
    }

    /** Returns so many flat vectors whose names begin so, in their order. */
    private static List<MemorySegment> flat(
            String prefix, int count, @Nullable List<Safetensors.Tensor> found, Model model) {
        var byName =
                (found == null ? List.<Safetensors.Tensor>of() : found)
                        .stream().collect(Collectors.toMap(Safetensors.Tensor::name, t -> t));
        var vectors = new ArrayList<MemorySegment>();
        for (var i = 0; i < count; i++) {
            var tensor = byName.remove(prefix + i);
            if (tensor == null || Floats.count(tensor.values()) != model.vectorLength()) {
                throw new FormatException(
                        "the vector \"%s\" is not there, or not as long as the model"
                                .formatted(prefix + i));
            }
            vectors.add(tensor.values());
        }
        if (!byName.isEmpty()) {
            throw new FormatException(
                    "%d vectors \"%s\" belong to nothing that the run has"
                            .formatted(byName.size(), prefix));
        }
        return vectors;
    }

    private static void place(
            String prefix,
            Map<String, List<Safetensors.Tensor>> byPrefix,
            Model model,
            MemorySegment out) {
        var found = byPrefix.remove(prefix);
        var stripped =
                (found == null ? List.<Safetensors.Tensor>of() : found)
                        .stream().map(tensor -> renamed(prefix, tensor)).toList();
        StateDict.place(model, stripped, out);
    }

    private static List<Safetensors.Tensor> named(
            String prefix, Model model, MemorySegment vector) {
        return StateDict.of(model, vector).stream()
                .map(tensor ->
                        new Safetensors.Tensor(
                                prefix + tensor.name(), tensor.shape(), tensor.values()))
                .toList();
    }

    private static Safetensors.Tensor renamed(String prefix, Safetensors.Tensor tensor) {
        return new Safetensors.Tensor(
                tensor.name().substring(prefix.length()), tensor.shape(), tensor.values());
    }

    private static String slot(int index) {
        return "slots.%d.".formatted(index);
    }

    /** Returns what stands before a parameter's own name, which begins with a layer's number. */
    private static String prefix(Safetensors.Tensor tensor) {
        var name = tensor.name();
        if (name.startsWith(BEST)) {
            return BEST;
        }
        if (name.startsWith(TASKS)) {
            return TASKS;
        }
        if (name.startsWith(VERSIONS)) {
            return VERSIONS;
        }
        if (name.startsWith(VECTORS)) {
            return VECTORS;
        }
        return name.startsWith("slots.") ? name.replaceFirst("^(slots\\.\\d+\\.).*$", "$1") : "";
    }
}
