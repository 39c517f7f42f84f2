package dev.tutti.common.compress;

/**
 * What a virtual worker keeps from one gradient to the next: for each tensor as many vectors as its
 * compressor asks for. It never changes; a gradient leads to another one.
 *
 * @param tensors vectors of each tensor, each as long as the tensor; do not write to them
 */
@SuppressWarnings("ArrayRecordComponent") // Large, never compared.
public record CompressorState(float[][][] tensors) {
    /** The state of a compressor that keeps nothing. */
    public static final CompressorState NONE = new CompressorState(new float[0][][]);
}
