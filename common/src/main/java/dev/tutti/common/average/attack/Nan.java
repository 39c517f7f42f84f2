package dev.tutti.common.average.attack;

import java.util.Arrays;

/** A faulty shard sends what is not a number, as after an overflow. */
public record Nan() implements VectorAttack {
    @Override
    public void strike(Scene scene, int honest, int count, float[][] vectors) {
        for (var i = honest; i < vectors.length; i++) {
            Arrays.fill(vectors[i], 0, count, Float.NaN);
        }
    }
}
