package dev.tutti.common.nn.layer;

import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.nn.init.Follower;
import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * One layer of a model: a record whose components are its hyper-parameters. Forward and backward
 * stand side by side in its file; weights, gradients and activations are handed in.
 *
 * <p>Activations are row-major, one sample a row of {@code shape.size()} floats. A layer keeps
 * nothing between calls, so one instance serves all threads.
 */
public interface Layer {
    /**
     * Returns the shape of one sample after the layer.
     *
     * @throws IllegalArgumentException if the layer cannot take {@code input}; the message names
     *     both the shape found and the one expected
     */
    Shape outputShape(Shape input);

    /** Returns the layer's parameters, in the order of PyTorch's {@code state_dict}. */
    default List<Parameter> parameters(Shape input) {
        return List.of();
    }

    /** Returns how many floats forward keeps for backward, beside its input and output. */
    default long scratchFloats(Shape input, int samples) {
        return 0;
    }

    /**
     * Returns what the layer is to the drawn weights before it; nothing if it lets what it gets
     * through, or brings it to a size of its own, as a norm does. A layer that draws weights itself
     * is {@link Follower#LAYER} without saying so.
     */
    default Optional<Follower> asFollower() {
        return Optional.empty();
    }

    /** Returns whether a sample's output in training depends on the others of its shard. */
    default boolean mixesSamples() {
        return false;
    }

    /**
     * Returns what the layer asks of the whole batch in the forward pass, in the order in which it
     * asks; it asks the same number of {@linkplain BatchRound#backward backward} questions, in the
     * reverse order.
     */
    default List<BatchRound> roundsOverBatch(Shape input) {
        return List.of();
    }

    /**
     * Returns whether the layer reads weights of 16 bits, and leaves its gradient in them, if the
     * call holds such; other layers always get floats.
     */
    default boolean takesBf16() {
        return false;
    }

    /**
     * Computes the layer's output.
     *
     * @param in samples × input
     * @param out samples × output, overwritten
     */
    void forward(LayerCall call, MemorySegment in, MemorySegment out);

    /**
     * Computes the layer's gradients from the one behind it; overwrites {@code call.gradient()}
     * with the sum over the samples, {@code call.statisticSums()}, and {@code inGradient} if the
     * call wants it.
     *
     * @param in what forward got, samples × input
     * @param out what forward gave, samples × output
     * @param outGradient ∂C/∂out, samples × output; may be used as scratch
     * @param inGradient ∂C/∂in, samples × input, overwritten
     */
    void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient);
}
