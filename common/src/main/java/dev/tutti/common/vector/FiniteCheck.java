package dev.tutti.common.vector;

/** Notices, on the way of a loop over blocks, whether all numbers that passed were finite. */
public final class FiniteCheck {
    // Zero times a finite number is zero; times NaN or an infinity it is NaN, and NaN stays.
    private final float[] zeros = new float[Blocks.FLOATS_MAX];

    /** Looks at the first {@code count} floats of a block, at most {@link Blocks#FLOATS_MAX}. */
    public void note(int count, float[] block) {
        note(count, block, zeros);
    }

    /**
     * Returns the zeros for a loop that checks numbers itself. For every number x it adds 0·x to
     * any element.
     */
    public float[] zeros() {
        return zeros;
    }

    private static void note(int count, float[] block, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] += 0f * block[i];
        }
    }

    /** Tells whether no number was NaN or infinite. */
    public boolean allFinite() {
        for (var zero : zeros) {
            if (zero != 0f) {
                return false;
            }
        }
        return true;
    }
}
