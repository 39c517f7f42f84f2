package dev.tutti.common.nn;

/** A layer without parameters that works on every element alone: the shape stays. */
interface Activation extends Layer {
    @Override
    default Shape outputShape(Shape input) {
        return input;
    }
}
