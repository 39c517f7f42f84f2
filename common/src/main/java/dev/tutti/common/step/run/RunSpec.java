package dev.tutti.common.step.run;

import dev.tutti.common.average.attack.Attacks;
import dev.tutti.common.average.attack.Faults;
import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.average.mixing.Mixings;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.average.pipeline.GradientLayout;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.compress.Compressor;
import dev.tutti.common.compress.Compressors;
import dev.tutti.common.compress.ErrorFeedback;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Split;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.partition.Partition;
import dev.tutti.common.partition.Partitions;
import dev.tutti.common.plugin.RecordTexts;
import dev.tutti.common.plugin.Text;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.sync.SyncMode;
import dev.tutti.common.sync.SyncModes;
import dev.tutti.common.sync.order.Clock;
import dev.tutti.common.sync.order.Clocks;
import dev.tutti.common.vector.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * All that a worker must know to compute any shard of a run: two workers with the same spec and the
 * same kernel give the same bits.
 *
 * <p>A spec travels, and is compared with that of a checkpoint, as {@link #texts}: a new component
 * needs a name and its bounds here, and no other line on its way.
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
 * @param average the averaging rule as text
 * @param mixing what is done to the shards' gradients before, as text
 * @param attack what faulty shards send, as text
 * @param faulty how many shards are, the last ones of each step
 * @param sync the mode of training as text
 * @param clock the clock of the virtual workers as text, or {@link #NO_CLOCK}
 * @param partition which samples a virtual worker draws from, as text
 * @param compress what a shard sends in place of its gradient, as text
 * @param compressDown what workers get in place of the weights after each step, as text
 */
public record RunSpec(
        String model,
        String loss,
        Shape input,
        @Text(min = 1) int outputs,
        long seed,
        @Text(min = 1) int batch,
        boolean shuffle,
        @Text(min = 1, max = 1 << 20) int shards,
        double validation,
        double test,
        // For messages: the digest says what the data is.
        @Text(name = "data-name", charactersMax = 256, bits = false) String data,
        @Text(name = DATA) String dataDigest,
        // It follows from the digest.
        @Text(min = 1, bits = false) long dataBytes,
        // Elements of a vector do not mix.
        @Text(min = 1, bits = false) int chunkFloats,
        Rounding wire,
        @Text(implied = "mean") String average,
        @Text(implied = Mixings.NONE) String mixing,
        @Text(implied = Attacks.NONE) String attack,
        @Text(min = 0, implied = "0") int faulty,
        @Text(implied = "synchronous") String sync,
        @Text(implied = RunSpec.NO_CLOCK) String clock,
        @Text(implied = "iid") String partition,
        @Text(implied = Compressors.NONE) String compress,
        @Text(implied = Compressors.NONE) String compressDown) {
    /** The name of the text that is the SHA-256 of the data. */
    public static final String DATA = "data";

    /** The clock of a run whose order follows from no time. */
    public static final String NO_CLOCK = "none";

    private static final RecordTexts<RunSpec> TEXTS = RecordTexts.of(RunSpec.class);

    /** Refuses a batch that would leave shards empty, and changes without error feedback. */
    public RunSpec {
        if (shards < 1) {
            throw new IllegalArgumentException("shards must be at least 1, was " + shards);
        }
        if (batch < shards) {
            throw new IllegalArgumentException(
                    "a batch of %d samples cannot be cut into %d shards: raise --batch or lower --shards"
                            .formatted(batch, shards));
        }
        var _ = changeCompressor(compressDown);
    }

    /**
     * Returns the spec of these texts.
     *
     * @throws IllegalArgumentException with one line, if a text is missing, unknown, malformed or
     *     out of bounds
     */
    public static RunSpec of(Map<String, String> texts) {
        return TEXTS.read(texts);
    }

    /** Returns all components as texts, by the names that options have. */
    public SequencedMap<String, String> texts() {
        return TEXTS.write(this);
    }

    /** Returns the texts that the weights' bits follow from. */
    public SequencedMap<String, String> bits() {
        return TEXTS.writeBits(this);
    }

    /** Returns the texts that a run of an older release meant without saying so. */
    public static Map<String, String> implied() {
        return TEXTS.implied();
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

    /** Returns how one gradient is made of the shards'. */
    public Averaging averaging() {
        var model = buildModel();
        return new Averaging(
                AveragingRules.CATALOGUE.parse(average),
                Mixings.parse(mixing),
                Faults.of(attack, faulty),
                new GradientLayout(model.layerOffsets(), model.parameterCount()),
                seed);
    }

    /** Returns who is waited for. */
    public SyncMode syncMode() {
        return SyncModes.CATALOGUE.parse(sync);
    }

    /**
     * Tells whether the gradient of each virtual worker is kept by itself until its step: for the
     * order that a mode gives them, or for vectors that are kept from step to step. Where workers
     * take steps of their own, none are.
     */
    public boolean keepsTasks() {
        var mode = syncMode();
        return !mode.isWhole() || (!mode.isLocal() && averaging().keepsVectors());
    }

    /** Returns the times of the virtual workers, if the run has a clock. */
    public Optional<Clock> virtualClock() {
        return clock.equals(NO_CLOCK)
                ? Optional.empty()
                : Optional.of(Clocks.CATALOGUE.parse(clock));
    }

    /** Returns which samples a virtual worker draws from. */
    public Partition dataPartition() {
        return Partitions.CATALOGUE.parse(partition);
    }

    /** Returns what a shard sends in place of its gradient. */
    public Compressor compressor() {
        return Compressors.CATALOGUE.parse(compress);
    }

    /**
     * Returns what makes the codes of the weights' changes; neutral if the weights travel whole.
     * What a code leaves out is always in the next one, so only the compressor inside an {@link
     * ErrorFeedback} is needed.
     */
    public Compressor changeCompressor() {
        return changeCompressor(compressDown);
    }

    private static Compressor changeCompressor(String compressDown) {
        var named = Compressors.CATALOGUE.parse(compressDown);
        if (named.isNeutral()) {
            return named;
        }
        if (named instanceof ErrorFeedback(var inside)) {
            return inside;
        }
        throw new IllegalArgumentException(
                named.states() > 0
                        ? "--compress-down %s keeps vectors, and the coordinator keeps only what workers have: use error-feedback(…) of a compressor that keeps nothing"
                                .formatted(compressDown)
                        : "--compress-down %s would lose for ever what it leaves out of the weights: use \"error-feedback(%s)\""
                                .formatted(compressDown, compressDown));
    }

    /** Returns the most bytes that a shard's gradient takes on its way. */
    public long gradientBytes() {
        return vectorBytes(compressor());
    }

    /**
     * Returns the most bytes that the weights take on their way, if the version before is there.
     */
    public long weightsBytes() {
        return vectorBytes(changeCompressor());
    }

    private long vectorBytes(Compressor compressor) {
        var model = buildModel();
        if (compressor.isNeutral()) {
            return model.vectorLength() * wire.precision().bytes();
        }
        var statistics = model.vectorLength() - model.parameterCount();
        return statistics * Float.BYTES
                + model.parameters().stream()
                        .mapToLong(
                                placed -> compressor.bytesMax(Compressor.Matrix.of(placed.shape())))
                        .sum();
    }

    /** Tells whether the gradients of several shards may be added up on their way. */
    public boolean addsShards() {
        return averaging().isLinear() && compressor().isNeutral();
    }

    /** Returns what a step asks of its whole batch before the gradient. */
    public List<BatchRound> rounds() {
        return buildModel().rounds();
    }
}
