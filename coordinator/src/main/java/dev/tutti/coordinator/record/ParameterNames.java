package dev.tutti.coordinator.record;

import dev.tutti.common.nn.Model;

/** Tells a reader which parameter an index of the flat vector belongs to. */
public final class ParameterNames {
    private ParameterNames() {}

    /** Returns {@code 0.weight[17]} for the index of that float. */
    public static String at(Model model, long index) {
        for (var placed : model.parameters()) {
            if (index < placed.offset() + placed.shape().size()) {
                return "%s[%d]".formatted(placed.name(), index - placed.offset());
            }
        }
        throw new IllegalArgumentException("index " + index + " is behind the last parameter");
    }
}
