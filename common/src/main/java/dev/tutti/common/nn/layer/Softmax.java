package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.init.Follower;
import dev.tutti.common.nn.loss.Rows;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Softmax of each sample: a_k = e^{z_k} / Σ_j e^{z_j}, ∂C/∂z_k = a_k (∂C/∂a_k − Σ_j ∂C/∂a_j a_j).
 * The row's maximum is subtracted first. With cross-entropy, leave it out: that loss takes logits.
 */
public record Softmax() implements Layer {
    @Override
    public Shape outputShape(Shape input) {
        if (input.rank() != 1) {
            throw new IllegalArgumentException(
                    "takes a vector, found %s; put flatten in front".formatted(input));
        }
        return input;
    }

    @Override
    public Optional<Follower> asFollower() {
        return Optional.of(Follower.SATURATING);
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var width = call.input().size();
        for (var row = 0; row < call.samples(); row++) {
            Rows.softmax((long) row * width, width, in, out);
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var width = call.input().size();
        for (var row = 0; row < call.samples(); row++) {
            var at = (long) row * width;
            backward(
                    at,
                    width,
                    (float) Rows.dot(0, at, width, out, outGradient),
                    out,
                    outGradient,
                    inGradient);
        }
    }

    private static void backward(
            long at,
            int width,
            float mean,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        for (var i = at; i < at + width; i++) {
            Floats.set(inGradient, i, Floats.get(out, i) * (Floats.get(outGradient, i) - mean));
        }
    }
}
