package dev.tutti.common.nn;

import dev.tutti.common.kernel.Kernel;
import java.lang.foreign.MemorySegment;

/**
 * Where a layer stands in one pass: all that its forward and backward get besides the activations.
 *
 * @param kernel for matrix products
 * @param pass mode, seed, step and samples
 * @param layer a number that no other layer of the model has, nested ones included
 * @param input shape of one sample before the layer
 * @param output shape of one sample after it
 * @param samples rows of the shard
 * @param weights the layer's trained parameters, in declared order
 * @param statistics the layer's statistics, in declared order
 * @param gradient the gradient sum, laid out as {@code weights}; empty in a forward pass
 * @param statisticSums the sum over the samples of the change that each asks for, laid out as
 *     {@code statistics}; empty in a forward pass
 * @param scratch floats that forward may keep for backward, as many as {@link Layer#scratchFloats}
 *     declares
 * @param wantsInputGradient false where nobody reads the input's gradient, as in the first layer
 */
public record Site(
        Kernel kernel,
        Pass pass,
        long layer,
        Shape input,
        Shape output,
        int samples,
        MemorySegment weights,
        MemorySegment statistics,
        MemorySegment gradient,
        MemorySegment statisticSums,
        MemorySegment scratch,
        boolean wantsInputGradient) {}
