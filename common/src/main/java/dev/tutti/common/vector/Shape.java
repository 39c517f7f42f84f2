package dev.tutti.common.vector;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The extents of one sample or of one parameter, outermost first: {@code 784}, {@code 1×28×28}.
 *
 * @param dimensions each at least 1
 */
public record Shape(List<Integer> dimensions) {
    /** Copies the list and refuses an extent below 1. */
    public Shape {
        dimensions = List.copyOf(dimensions);
        for (var extent : dimensions) {
            if (extent < 1) {
                throw new IllegalArgumentException(
                        "extents must be at least 1, were " + dimensions);
            }
        }
        if (!fits(dimensions)) {
            throw new IllegalArgumentException(
                    "has more than %d elements: %s".formatted(Integer.MAX_VALUE, dimensions));
        }
    }

    private static boolean fits(List<Integer> dimensions) {
        var size = 1L;
        for (var extent : dimensions) {
            size *= extent;
            if (size > Integer.MAX_VALUE) {
                return false;
            }
        }
        return true;
    }

    /** Returns the shape of these extents. */
    public static Shape of(int... dimensions) {
        return new Shape(Arrays.stream(dimensions).boxed().toList());
    }

    /**
     * Reads extents such as {@code 3x224x224}; what {@link #toString} prints is read as well.
     *
     * @throws IllegalArgumentException if the text is something else
     */
    public static Shape parse(String text) {
        return of(Arrays.stream(text.split("[x×]")).mapToInt(Integer::parseInt).toArray());
    }

    /** Returns the number of dimensions. */
    public int rank() {
        return dimensions.size();
    }

    /** Returns the extent of dimension {@code index}. */
    public int extent(int index) {
        return dimensions.get(index);
    }

    /** Returns the number of elements, which fits: the constructor has seen to it. */
    public int size() {
        var size = 1;
        for (var extent : dimensions) {
            size *= extent;
        }
        return size;
    }

    @Override
    public String toString() {
        return dimensions.stream().map(String::valueOf).collect(Collectors.joining("×"));
    }
}
