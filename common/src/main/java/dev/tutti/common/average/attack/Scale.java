package dev.tutti.common.average.attack;

import dev.tutti.common.plugin.Bounds;

/**
 * A faulty shard sends its gradient times a factor, as a wrong unit or learning rate would.
 *
 * @param factor any but 1, which would be no attack
 */
public record Scale(double factor) implements VectorAttack {
    /** Refuses a factor that changes nothing, and one that is not finite. */
    public Scale {
        Bounds.finite("factor", factor);
        if (factor == 1) {
            throw new IllegalArgumentException("factor must be other than 1, was 1.0");
        }
    }

    @Override
    public void strike(Scene scene, int honest, int count, float[][] vectors) {
        for (var i = honest; i < vectors.length; i++) {
            multiply(factor, count, vectors[i]);
        }
    }

    static void multiply(double factor, int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = (float) (factor * out[i]);
        }
    }
}
