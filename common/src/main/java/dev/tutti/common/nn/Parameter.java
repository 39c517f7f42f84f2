package dev.tutti.common.nn;

/**
 * A layer's declaration of one of its parameters.
 *
 * @param name as in PyTorch's {@code state_dict}: {@code weight}, {@code bias}
 * @param shape as there: a dense weight is out × in
 * @param fanIn inputs that one unit sums over, for the initialiser
 * @param fanOut units that one input reaches, for the initialiser
 * @param start how it starts
 */
public record Parameter(String name, Shape shape, int fanIn, int fanOut, Start start) {
    /** How a parameter starts. */
    public enum Start {
        /** As the run's initialiser draws it. */
        DRAWN,
        ZERO,
        ONE
    }

    /** Returns a parameter that the run's initialiser draws. */
    public static Parameter drawn(String name, Shape shape, int fanIn, int fanOut) {
        return new Parameter(name, shape, fanIn, fanOut, Start.DRAWN);
    }

    /** Returns a parameter that starts at zero. */
    public static Parameter zero(String name, Shape shape) {
        return new Parameter(name, shape, 1, 1, Start.ZERO);
    }
}
