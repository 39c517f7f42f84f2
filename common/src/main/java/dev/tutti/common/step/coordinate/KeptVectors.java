package dev.tutti.common.step.coordinate;

import dev.tutti.common.step.course.SavedVector;
import dev.tutti.common.step.lease.StateHolders;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The vectors that a run keeps from step to step, beside weights and slots, by name. They change
 * while a step is taken and at no other time, so they always belong to the weights.
 */
final class KeptVectors {
    private final Arena arena;
    private final long length;
    private final Map<String, MemorySegment> vectors = new TreeMap<>();

    KeptVectors(Arena arena, long length) {
        this.arena = arena;
        this.length = length;
    }

    boolean has(String name) {
        return vectors.containsKey(name);
    }

    /** Returns the vector of a name; zeros if there was none. */
    MemorySegment of(String name) {
        return vectors.computeIfAbsent(
                name,
                _ -> {
                    var vector = Floats.allocate(arena, length);
                    Floats.fill(0, vector);
                    return vector;
                });
    }

    List<SavedVector> saved() {
        return vectors.entrySet().stream()
                .map(entry -> new SavedVector(entry.getKey(), entry.getValue()))
                .toList();
    }

    void resume(List<SavedVector> saved) {
        saved.stream()
                .filter(one -> !StateHolders.isState(one))
                .forEach(one -> Floats.copy(one.values(), of(one.name())));
    }
}
