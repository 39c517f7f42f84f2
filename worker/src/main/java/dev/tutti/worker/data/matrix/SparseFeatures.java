package dev.tutti.worker.data.matrix;

import dev.tutti.common.data.DataException;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.source.SourceFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The features that sparse rows have, in the order of a sample. A feature's name is its index. */
final class SparseFeatures {
    /** What dense features may take. */
    private static final long DENSE_BYTES_MAX = 1L << 32;

    private static final double GIBI = 1 << 30;

    private final int[] indices; // of each feature
    private final int[] places; // of each index up to the largest; −1 if it is left out

    private SparseFeatures(int[] indices, int indexMax) {
        this.indices = indices;
        this.places = new int[indexMax + 1];
        Arrays.fill(places, -1);
        for (var i = 0; i < indices.length; i++) {
            if (indices[i] <= indexMax) {
                places[indices[i]] = i;
            }
        }
    }

    /**
     * Returns the features that were chosen, or all up to the largest index: from 0 on if there is
     * an index 0, or else from 1.
     *
     * @throws DataException if a choice is no index, or dense features would take too much memory
     */
    static SparseFeatures of(SparseRows rows, SourceFile file, List<String> chosen) {
        if (rows.indexMax() < 0) {
            throw file.refused("it has labels only, expected index:value such as 3:0.5");
        }
        var first = Math.min(1, rows.indexMin());
        var width = chosen.isEmpty() ? rows.indexMax() - first + 1 : chosen.size();
        var bytes = (long) rows.count() * width * Floats.BYTES;
        if (bytes > DENSE_BYTES_MAX) {
            throw file.refused(
                    String.format(
                            Locale.ROOT,
                            "%d rows of %d features take %.1f GiB as floats, expected at most %.0f GiB: take a part of the rows, or choose indices with --features",
                            rows.count(),
                            width,
                            bytes / GIBI,
                            DENSE_BYTES_MAX / GIBI));
        }
        return new SparseFeatures(
                chosen.isEmpty()
                        ? IntStream.rangeClosed(first, rows.indexMax()).toArray()
                        : chosen.stream().mapToInt(name -> index(file, name)).toArray(),
                rows.indexMax());
    }

    private static int index(SourceFile file, String name) {
        if (!name.matches("\\d{1,9}")) {
            throw file.refused("features are named by their index, found \"%s\"".formatted(name));
        }
        var index = Integer.parseInt(name);
        if (index > SparseRows.INDEX_MAX) {
            throw file.refused(
                    "feature %d was chosen, expected an index of at most %d"
                            .formatted(index, SparseRows.INDEX_MAX));
        }
        return index;
    }

    int width() {
        return indices.length;
    }

    List<String> names() {
        return IntStream.of(indices).mapToObj(Integer::toString).toList();
    }

    /** Returns the words for what was decided. */
    String decided() {
        var left = IntStream.of(places).skip(Math.min(1, indices[0])).filter(i -> i < 0).count();
        return "sparse rows become %d dense features, index %d to %d%s"
                .formatted(
                        width(),
                        indices[0],
                        indices[indices.length - 1],
                        left == 0 ? "" : "; %d others are left out".formatted(left));
    }

    /** Returns rows × features floats. */
    MemorySegment toDense(SparseRows rows, Arena arena) {
        var dense = Floats.allocate(arena, (long) rows.count() * width());
        rows.forEach((row, index, value) -> {
            if (places[index] >= 0) {
                Floats.set(dense, (long) row * width() + places[index], value);
            }
        });
        return dense;
    }
}
