package dev.tutti.coordinator.record;

import dev.tutti.common.nn.Model;
import java.util.ArrayList;
import java.util.List;

/** Tells a reader which parameter an index of the flat vector belongs to. */
public final class ParameterNames {
    private ParameterNames() {}

    /**
     * Returns the names of the layers that are trained, in the order of the flat vector, and behind
     * them one for the statistics.
     */
    public static List<String> layers(Model model) {
        var names = new ArrayList<String>();
        for (var offset : model.layerOffsets()) {
            var first = at(model, offset);
            var dot = first.lastIndexOf('.');
            names.add(dot < 0 ? first : first.substring(0, dot));
        }
        names.add("statistics");
        return List.copyOf(names);
    }

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
