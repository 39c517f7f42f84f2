package dev.tutti.common.average.attack;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.random.Seeds;

/**
 * A faulty shard adds normal noise to its gradient, drawn anew for each step, shard and coordinate.
 *
 * @param sigma deviation of the noise, above 0
 */
public record Noise(double sigma) implements VectorAttack {
    /** Refuses a deviation that is not above 0. */
    public Noise {
        Bounds.positive("sigma", sigma);
    }

    @Override
    public void strike(Scene scene, int honest, int count, float[][] vectors) {
        for (var i = honest; i < vectors.length; i++) {
            for (var k = 0; k < count; k++) {
                var random =
                        Seeds.of(scene.seed(), "noise attack", scene.step(), i, scene.from() + k);
                vectors[i][k] = (float) (vectors[i][k] + sigma * random.nextGaussian());
            }
        }
    }
}
