package dev.tutti.common.step;

import dev.tutti.common.average.BatchRound;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Split;
import dev.tutti.common.nn.Layers;
import dev.tutti.common.nn.Model;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.vector.Shape;
import java.util.List;

/**
 * All that a worker must know to compute any shard of a run: two workers with the same spec and the
 * same kernel give the same bits.
 *
 * @param model layers as text
 * @param loss as text
 * @param input shape of one sample
 * @param outputs of the model
 * @param seed of the run
 * @param batch samples of a step
 * @param shuffle whether an epoch's order is drawn
 * @param shards of a batch
 * @param validation fraction of the samples kept for validation
 * @param test fraction kept for testing, 0 if the data has its own test set
 * @param data name of the data, for messages
 * @param dataDigest SHA-256 of the dataset file
 * @param dataBytes length of the dataset file
 * @param chunkFloats floats of a chunk
 * @param wire what gradients and weights are rounded to before they travel
 */
public record RunSpec(
        String model,
        String loss,
        Shape input,
        int outputs,
        long seed,
        int batch,
        boolean shuffle,
        int shards,
        double validation,
        double test,
        String data,
        String dataDigest,
        long dataBytes,
        int chunkFloats,
        Rounding wire) {
    /** Refuses a batch that would leave shards empty. */
    public RunSpec {
        if (shards < 1) {
            throw new IllegalArgumentException("shards must be at least 1, was " + shards);
        }
        if (batch < shards) {
            throw new IllegalArgumentException(
                    "a batch of %d samples cannot be cut into %d shards: raise --batch or lower --shards"
                            .formatted(batch, shards));
        }
    }

    /** Returns how the data is cut into training, validation and test samples. */
    public Split split(Dataset dataset) {
        return Split.of(
                dataset.count(), dataset.testCount(), dataset.targets(), validation, test, seed);
    }

    /** Returns the model; its last dense layer has as many units as there are outputs. */
    public Model buildModel() {
        return Model.of(Layers.CATALOGUE.parseList(model), input, outputs);
    }

    /** Returns what a step asks of its whole batch before the gradient. */
    List<BatchRound> rounds() {
        return buildModel().rounds();
    }
}
