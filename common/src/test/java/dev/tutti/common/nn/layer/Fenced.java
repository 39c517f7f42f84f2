package dev.tutti.common.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A vector that starts as NaN, so that a float nobody wrote is seen, between two fences, so that a
 * float written beyond it is seen too.
 */
public record Fenced(MemorySegment whole, MemorySegment vector) {
    private static final int FENCE = 16;
    private static final float POST = 4711.5f;

    public static Fenced allocate(Arena arena, long count) {
        var whole = Floats.allocate(arena, count + 2 * FENCE);
        Floats.fill(POST, whole);
        var vector = Floats.slice(whole, FENCE, count);
        Floats.fill(Float.NaN, vector);
        return new Fenced(whole, vector);
    }

    public float[] values() {
        return Floats.toArray(vector);
    }

    public void assertIntact(String what) {
        var count = Floats.count(whole);
        assertThat(Floats.toArray(Floats.slice(whole, 0, FENCE)))
                .as("floats in front of %s", what)
                .containsOnly(POST);
        assertThat(Floats.toArray(Floats.slice(whole, count - FENCE, FENCE)))
                .as("floats behind %s", what)
                .containsOnly(POST);
    }
}
