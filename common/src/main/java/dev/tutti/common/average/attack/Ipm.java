package dev.tutti.common.average.attack;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.util.List;

/**
 * Inner product manipulation (Xie et al. 2020, "Fall of Empires"): all faulty shards send −ε times
 * the mean of the honest ones. With a small ε no distance gives it away.
 *
 * @param epsilon ε, above 0
 * @param optimized whether ε/16 to 16ε are tried in each step, and the worst is sent
 */
public record Ipm(@Default("0.1") double epsilon, @Default("false") boolean optimized)
        implements VectorAttack {
    /** Refuses an ε that is not above 0. */
    public Ipm {
        Bounds.positive("epsilon", epsilon);
    }

    @Override
    public List<VectorAttack> tries() {
        return optimized ? Tries.of(epsilon, tried -> new Ipm(tried, false)) : List.of(this);
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
