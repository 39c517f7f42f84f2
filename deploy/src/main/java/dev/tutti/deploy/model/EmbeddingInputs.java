package dev.tutti.deploy.model;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.Embedding;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Looks at every sample before anything runs: a number that a model's embedding has no row for
 * would otherwise show up in the middle of a run, on a worker.
 */
public final class EmbeddingInputs {
    private EmbeddingInputs() {}

    /**
     * Refuses a dataset with a number outside the model's embedding.
     *
     * @throws DataException naming the sample and the column
     */
    public static void require(Model model, Dataset dataset) {
        if (model.embedding().isEmpty()) {
            return;
        }
        try (var arena = Arena.ofConfined()) {
            var sample = Floats.allocate(arena, dataset.sample().size());
            for (var row = 0; row < dataset.count(); row++) {
                dataset.gatherFeatures(new int[] {row}, 0, 1, sample);
                require(
                        model.embedding().get(),
                        dataset.name(),
                        dataset.featureNames(),
                        row,
                        sample);
            }
        }
    }

    /**
     * Refuses samples with a number outside the model's embedding.
     *
     * @param columns names of a sample's elements; none to number them
     * @param first index of the first of them in the data
     * @param samples one behind the other
     */
    public static void require(
            Model model, String name, List<String> columns, int first, MemorySegment samples) {
        var width = model.input().size();
        model.embedding()
                .ifPresent(embedding -> {
                    for (var row = 0; row < Floats.count(samples) / width; row++) {
                        var sample = Floats.slice(samples, (long) row * width, width);
                        require(embedding, name, columns, first + row, sample);
                    }
                });
    }

    private static void require(
            Embedding embedding, String name, List<String> columns, int row, MemorySegment sample) {
        for (var i = 0; i < Floats.count(sample); i++) {
            var number = Floats.get(sample, i);
            if (!embedding.holds(number)) {
                var column = columns.isEmpty() ? "input " + i : "column " + columns.get(i);
                throw new DataException(
                        "%s: sample %d, %s: %s"
                                .formatted(name, row, column, embedding.refusal(number)));
            }
        }
    }
}
