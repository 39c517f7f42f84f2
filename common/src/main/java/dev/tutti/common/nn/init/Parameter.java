package dev.tutti.common.nn.init;

import dev.tutti.common.vector.Shape;

/**
 * A layer's declaration of one of its parameters.
 *
 * @param name as in PyTorch's {@code state_dict}: {@code weight}, {@code bias}
 * @param shape as there: a dense weight is out × in
 * @param fanIn inputs that one unit sums over, for the initialiser
 * @param fanOut units that one input reaches, for the initialiser
 * @param start how it starts
 * @param kind how a step changes it
 * @param follower what its layer's output goes into; a model fills it in
 */
public record Parameter(
        String name,
        Shape shape,
        int fanIn,
        int fanOut,
        Start start,
        Kind kind,
        Follower follower) {
    /** How a parameter starts. */
    public enum Start {
        /** As the run's initialiser draws it. */
        DRAWN,
        ZERO,
        ONE
    }

    /** How a step changes a parameter. */
    public enum Kind {
        /** Its gradient goes through the optimizer. */
        TRAINED,
        /**
         * It has no gradient: what stands in its place is the change that each sample asks for, and
         * a step adds their mean. A running mean is one.
         */
        STATISTIC
    }

    /** Returns a trained parameter that the run's initialiser draws. */
    public static Parameter drawn(String name, Shape shape, int fanIn, int fanOut) {
        return new Parameter(
                name, shape, fanIn, fanOut, Start.DRAWN, Kind.TRAINED, Follower.UNKNOWN);
    }

    /** Returns a trained parameter that starts at zero. */
    public static Parameter zero(String name, Shape shape) {
        return new Parameter(name, shape, 1, 1, Start.ZERO, Kind.TRAINED, Follower.UNKNOWN);
    }

    /** Returns a trained parameter that starts at one. */
    public static Parameter one(String name, Shape shape) {
        return new Parameter(name, shape, 1, 1, Start.ONE, Kind.TRAINED, Follower.UNKNOWN);
    }

    /** Returns a statistic. */
    public static Parameter statistic(String name, Shape shape, Start start) {
        return new Parameter(name, shape, 1, 1, start, Kind.STATISTIC, Follower.UNKNOWN);
    }

    /** Returns whether the run's initialiser draws it. */
    public boolean isDrawn() {
        return start == Start.DRAWN;
    }

    /** Returns the same declaration under another name. */
    public Parameter named(String other) {
        return new Parameter(other, shape, fanIn, fanOut, start, kind, follower);
    }

    /**
     * Returns the same declaration with what follows, unless that is known already, from a model
     * inside another.
     */
    public Parameter followedBy(Follower found) {
        return follower == Follower.UNKNOWN
                ? new Parameter(name, shape, fanIn, fanOut, start, kind, found)
                : this;
    }
}
