package dev.tutti.common.nn;

import dev.tutti.common.kernel.Kernel;
import java.lang.foreign.MemorySegment;

/**
 * Where a layer stands in one pass: all that its forward and backward get besides the activations.
 *
 * @param kernel for matrix products
 * @param input shape of one sample before the layer
 * @param output shape of one sample after it
 * @param samples rows of the shard
 * @param weights the layer's slice of the flat vector, its parameters in declared order
 * @param gradient the same slice of the gradient sum; empty in a forward pass
 * @param scratch floats that forward may keep for backward, as declared by {@link
 *     Layer#scratchFloats}
 * @param wantsInputGradient false for the first layer, whose input gradient nobody reads
 * @param pass mode, seed, step and samples
 */
public record Site(
        Kernel kernel,
        Shape input,
        Shape output,
        int samples,
        MemorySegment weights,
        MemorySegment gradient,
        MemorySegment scratch,
        boolean wantsInputGradient,
        Pass pass) {}
