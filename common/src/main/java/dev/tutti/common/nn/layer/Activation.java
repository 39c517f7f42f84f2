package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.init.Follower;
import dev.tutti.common.vector.Shape;
import java.util.Optional;

/** A layer without parameters that works on every element alone: the shape stays. */
interface Activation extends Layer {
    @Override
    default Shape outputShape(Shape input) {
        return input;
    }

    /** Most are a kind of rectifier. */
    @Override
    default Optional<Follower> asFollower() {
        return Optional.of(Follower.RECTIFIER);
    }
}
