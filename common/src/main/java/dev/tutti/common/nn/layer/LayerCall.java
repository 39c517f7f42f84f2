package dev.tutti.common.nn.layer;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;

/**
 * One call of a layer's forward or backward: all that it gets besides the activations.
 *
 * @param kernel for matrix products
 * @param pass mode, seed, step and samples
 * @param layer a number that no other layer of the model has, nested ones included
 * @param input shape of one sample before the layer
 * @param output shape of one sample after it
 * @param samples rows of the shard
 * @param weightElements the layer's trained parameters, in declared order; floats, unless the layer
 *     {@linkplain Layer#takesBf16 takes others}
 * @param statistics the layer's statistics, in declared order
 * @param gradientElements the gradient sum, laid out as the weights, and floats as they are; empty
 *     in a forward pass
 * @param statisticSums the sum over the samples of the change that each asks for, laid out as
 *     {@code statistics}; empty in a forward pass
 * @param scratch floats that forward may keep for backward, as many as {@link Layer#scratchFloats}
 *     declares
 * @param wantsInputGradient false where nobody reads the input's gradient, as in the first layer
 */
public record LayerCall(
        Kernel kernel,
        PassContext pass,
        long layer,
        Shape input,
        Shape output,
        int samples,
        Elements weightElements,
        MemorySegment statistics,
        Elements gradientElements,
        MemorySegment statisticSums,
        MemorySegment scratch,
        boolean wantsInputGradient) {
    /** Returns the weights of a layer that works with floats. */
    public MemorySegment weights() {
        return weightElements.floats();
    }

    /** Returns where a layer that works with floats leaves its gradient sum. */
    public MemorySegment gradient() {
        return gradientElements.floats();
    }
}
