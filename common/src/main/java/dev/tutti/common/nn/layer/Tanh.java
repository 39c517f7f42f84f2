package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.init.Follower;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.FloatMath;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Hyperbolic tangent: f'(z) = 1 − f(z)². */
public record Tanh() implements Activation {
    @Override
    public Optional<Follower> asFollower() {
        return Optional.of(Follower.SATURATING);
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        FloatMath.tanh(in, out);
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        Blocks.map(outGradient, out, inGradient, Tanh::slope);
    }

    private static void slope(int count, float[] outGradient, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = outGradient[i] * (1f - out[i] * out[i]);
        }
    }
}
