package dev.tutti.common.average.attack;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.util.List;
import java.util.Optional;

/**
 * "A little is enough" (Baruch et al. 2019, algorithm 3): all faulty shards send μ − z·σ, with the
 * honest shards' mean μ and deviation σ at each coordinate. That is within the spread of the honest
 * ones, so rules that look for outliers keep it.
 *
 * <p>The paper's z, Φ⁻¹((n − f − s)/(n − f)) with s = ⌊n/2 + 1⌋ − f, is 0.25 with 25 shards and 5
 * faulty ones, and 0 with 8 and 2. So z is given; 1.5 is what ByzFL takes.
 *
 * @param z in deviations; a negative one is on the other side; 0 would be no attack
 * @param optimized whether z/16 to 16z are tried in each step, and the worst is sent
 */
public record Alie(@Default("1.5") double z, @Default("false") boolean optimized)
        implements VectorAttack {
    /** Refuses a z that is 0 or not finite. */
    public Alie {
        Bounds.finite("z", z);
        if (z == 0) {
            throw new IllegalArgumentException("z must be other than 0, was 0.0");
        }
    }

    @Override
    public Optional<String> refusal(int honest) {
        return honest >= 2
                ? Optional.empty()
                : Optional.of(
                        "attack alie needs the deviation of at least 2 honest shards, there is 1");
    }

    @Override
    public List<VectorAttack> tries() {
        return optimized ? Tries.of(z, tried -> new Alie(tried, false)) : List.of(this);
    }

    @Override
    public void strike(Scene scene, int honest, int count, float[][] vectors) {
        var mean = Honest.mean(honest, count, vectors);
        var deviation = Honest.deviation(mean, honest, count, vectors);
        for (var i = honest; i < vectors.length; i++) {
            for (var k = 0; k < count; k++) {
                vectors[i][k] = (float) (mean[k] - z * deviation[k]);
            }
        }
    }
}
