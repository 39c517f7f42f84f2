package dev.tutti.common.average.attack;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * A faulty shard sends its gradient in the opposite direction, times a scale (Li et al. 2019,
 * "RSA"). The mean goes on downhill while scale · f < n − f.
 *
 * @param scale above 0
 */
public record SignFlip(@Default("1.0") double scale) implements VectorAttack {
    /** Refuses a scale that is not above 0. */
    public SignFlip {
        Bounds.positive("scale", scale);
    }

    @Override
    public void strike(Scene scene, int honest, int count, float[][] vectors) {
        for (var i = honest; i < vectors.length; i++) {
            Scale.multiply(-scale, count, vectors[i]);
        }
    }
}
