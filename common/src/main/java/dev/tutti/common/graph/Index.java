package dev.tutti.common.graph;

import dev.tutti.common.vector.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The place of one element, outermost first: {@code [2,0]}.
 *
 * @param coordinates one for each dimension, from 0
 */
public record Index(List<Integer> coordinates) {
    /** Copies the list. */
    public Index {
        coordinates = List.copyOf(coordinates);
    }

    /** Returns the place of element {@code position} in row-major order. */
    public static Index of(Shape shape, int position) {
        var coordinates = new ArrayList<Integer>();
        var rest = position;
        for (var dimension = shape.rank() - 1; dimension >= 0; dimension--) {
            coordinates.addFirst(rest % shape.extent(dimension));
            rest /= shape.extent(dimension);
        }
        return new Index(coordinates);
    }

    @Override
    public String toString() {
        return coordinates.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }
}
