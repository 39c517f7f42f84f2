package dev.tutti.common.graph;

/** All partial derivatives of a gradient, for tests of the packages beside. */
public final class Partials {
    private Partials() {}

    public static double[] of(Gradient gradient) {
        return gradient.partials();
    }
}
