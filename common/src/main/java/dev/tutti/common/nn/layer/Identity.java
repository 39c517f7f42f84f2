package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.init.Follower;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The activation that changes nothing: f(z) = z, f'(z) = 1. */
public record Identity() implements Activation {
    @Override
    public Optional<Follower> asFollower() {
        return Optional.empty();
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        Floats.copy(in, out);
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        Floats.copy(outGradient, inGradient);
    }
}
