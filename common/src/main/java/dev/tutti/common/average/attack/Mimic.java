package dev.tutti.common.average.attack;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.util.Optional;

/**
 * All faulty shards send what one honest shard sends, so that it counts more than the others
 * (Karimireddy et al. 2022, "Byzantine-Robust Learning on Heterogeneous Datasets via Bucketing",
 * section 3.2; there the shard is chosen, here it is given).
 *
 * @param shard an honest one, counted from 0
 */
public record Mimic(@Default("0") int shard) implements VectorAttack {
    /** Refuses a negative shard. */
    public Mimic {
        Bounds.atLeast("shard", 0, shard);
    }

    @Override
    public Optional<String> refusal(int honest) {
        return shard < honest
                ? Optional.empty()
                : Optional.of(
                        "attack mimic(shard=%d) must copy an honest shard: 0 to %d"
                                .formatted(shard, honest - 1));
    }

    @Override
    public void strike(Scene scene, int honest, int count, float[][] vectors) {
        for (var i = honest; i < vectors.length; i++) {
            System.arraycopy(vectors[shard], 0, vectors[i], 0, count);
        }
    }
}
