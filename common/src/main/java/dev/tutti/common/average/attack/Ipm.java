package dev.tutti.common.average.attack;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * Inner product manipulation (Xie et al. 2020, "Fall of Empires"): all faulty shards send −ε times
 * the mean of the honest ones. With a small ε no distance gives it away.
 *
 * @param epsilon ε, above 0
 */
public record Ipm(@Default("0.1") double epsilon) implements Attack {
    /** Refuses an ε that is not above 0. */
    public Ipm {
        Bounds.positive("epsilon", epsilon);
    }

    @Override
    public void strike(Scene scene, int honest, int count, float[][] vectors) {
        var mean = Honest.mean(honest, count, vectors);
        for (var i = honest; i < vectors.length; i++) {
            for (var k = 0; k < count; k++) {
                vectors[i][k] = (float) (-epsilon * mean[k]);
            }
        }
    }
}
