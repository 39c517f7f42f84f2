package dev.tutti.common.nn;

import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory of one thread's passes: a batch of features and targets, and all activations and
 * gradients between the layers. Allocated once; a pass allocates nothing.
 */
public final class Workspace {
    private final Model model;
    private final int samplesMax;
    private final int targetWidth;
    private final MemorySegment features;
    private final MemorySegment targets;
    private final MemorySegment statistics;
    private final MemorySegment scratch;

    /** Returns the bytes that a workspace for so many samples takes. */
    public static long bytes(Model model, Loss loss, int samples) {
        var sample = (long) model.input().size() + targetWidth(model, loss);
        var statistics = model.vectorLength() - model.parameterCount();
        return (samples * sample + statistics + model.chain().scratchFloats(samples))
                * Floats.BYTES;
    }

    private static int targetWidth(Model model, Loss loss) {
        return switch (loss.targets()) {
            case LABELS -> 1;
            case VALUES -> model.output().size();
        };
    }

    /** Makes a workspace for up to {@code samplesMax} samples; {@code arena} owns its memory. */
    public Workspace(Arena arena, Model model, Loss loss, int samplesMax) {
        loss.requireOutputs(model.output().size());
        this.model = model;
        this.samplesMax = samplesMax;
        this.targetWidth = targetWidth(model, loss);
        this.features = Floats.allocate(arena, (long) samplesMax * model.input().size());
        this.targets = Floats.allocate(arena, (long) samplesMax * targetWidth);
        this.statistics = Floats.allocate(arena, model.vectorLength() - model.parameterCount());
        this.scratch = Floats.allocate(arena, model.chain().scratchFloats(samplesMax));
    }

    /** Returns the most samples that a pass can take. */
    public int samplesMax() {
        return samplesMax;
    }

    /** Returns the floats of one sample's target: 1 for a label. */
    public int targetWidth() {
        return targetWidth;
    }

    /** Returns the features that the caller fills: samplesMax × input. */
    public MemorySegment features() {
        return features;
    }

    /** Returns the targets that the caller fills: samplesMax × targetWidth. */
    public MemorySegment targets() {
        return targets;
    }

    /** Returns the outputs of the pass before: samples × output. */
    public MemorySegment outputs(int samples) {
        return model.chain().outputs(scratch, samples);
    }

    MemorySegment features(int samples) {
        return rows(features, samples, model.input().size());
    }

    MemorySegment targets(int samples) {
        return rows(targets, samples, targetWidth);
    }

    /** Returns memory for the model's statistics as floats. */
    MemorySegment statistics() {
        return statistics;
    }

    MemorySegment scratch() {
        return scratch;
    }

    private MemorySegment rows(MemorySegment vector, int samples, int width) {
        if (samples < 0 || samples > samplesMax) {
            throw new IllegalArgumentException(
                    "the workspace takes 0 to %d samples, found %d".formatted(samplesMax, samples));
        }
        return Floats.slice(vector, 0, (long) samples * width);
    }
}
