package dev.tutti.common.average.pipeline;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the layers' gradients lie in the flat vector. Behind them are changes of statistics, such
 * as those of batch normalisation; they are no gradients.
 *
 * @param layers the first float of each layer with parameters, ascending from 0
 * @param trained floats that are gradients
 */
public record GradientLayout(List<Long> layers, long trained) {
    /** A layout of one layer, and no statistics, of any length. */
    public static final GradientLayout WHOLE = new GradientLayout(List.of(0L), Long.MAX_VALUE);

    /**
     * A part of the flat vector that is averaged by itself.
     *
     * @param from first float
     * @param to one past the last
     * @param isGradient false of statistics
     */
    public record Part(long from, long to, boolean isGradient) {}

    /** Copies the list. */
    public GradientLayout {
        layers = List.copyOf(layers);
    }

    /**
     * Returns the parts, which together are all the flat vector.
     *
     * @param byLayer whether each layer is a part; else the whole gradient is one
     */
    public List<Part> parts(boolean byLayer) {
        var parts = new ArrayList<Part>();
        var starts = byLayer ? layers : List.of(0L);
        for (var i = 0; i < starts.size(); i++) {
            var to = i + 1 < starts.size() ? starts.get(i + 1) : trained;
            if (starts.get(i) < to) {
                parts.add(new Part(starts.get(i), to, true));
            }
        }
        parts.add(new Part(trained, Long.MAX_VALUE, false));
        return List.copyOf(parts);
    }
}
