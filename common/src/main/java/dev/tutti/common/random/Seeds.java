package dev.tutti.common.random;

/**
 * A stream of random numbers that is a pure function of its keys (SplitMix64, Steele et al. 2014,
 * "Fast splittable pseudorandom number generators").
 *
 * <p>Written out here so that a run's bits never depend on a library's version. {@link #of} derives
 * independent streams: one for each purpose, epoch, step or sample, the same for every caller.
 */
public final class Seeds {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long state;

    private Seeds(long state) {
        this.state = state;
    }

    /**
     * Returns the stream of these keys.
     *
     * @param seed the run's seed
     * @param purpose what it is drawn for; a word that no other purpose uses
     * @param keys epoch, step, sample, index: what distinguishes the streams of one purpose
     */
    public static Seeds of(long seed, String purpose, long... keys) {
        var state = mix(seed + GOLDEN);
        for (var i = 0; i < purpose.length(); i++) {
            state = mix(state ^ (purpose.charAt(i) * GOLDEN));
        }
        for (var key : keys) {
            state = mix((state ^ key) + GOLDEN);
        }
        return new Seeds(state);
    }

    /** Returns the next 64 random bits. */
    public long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    /** Returns a number from 0 (included) to {@code bound} (excluded), without bias. */
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound must be at least 1, was " + bound);
        }
        // Lemire 2019: multiply and reject the few values that would favour some results.
        var product = Integer.toUnsignedLong((int) nextLong()) * bound;
        var threshold = Integer.remainderUnsigned(-bound, bound);
        while (Integer.compareUnsigned((int) product, threshold) < 0) {
            product = Integer.toUnsignedLong((int) nextLong()) * bound;
        }
        return (int) (product >>> 32);
    }

    /** Returns a number from 0 (included) to 1 (excluded), of 53 bits. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /** Returns a normal deviate of mean 0 and deviation 1 (Box and Muller 1958). */
    public double nextGaussian() {
        // StrictMath, since Math may give other last bits on another processor.
        var radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
        return radius * StrictMath.cos(2 * StrictMath.PI * nextDouble());
    }

    /** Shuffles {@code out} (Fisher and Yates; Durstenfeld 1964). */
    public void shuffle(int[] out) {
        for (var i = out.length - 1; i > 0; i--) {
            var j = nextInt(i + 1);
            var kept = out[i];
            out[i] = out[j];
            out[j] = kept;
        }
    }

    /** Returns 64 bits that depend on all bits of {@code value}: the finaliser of SplitMix64. */
    public static long hash(long value) {
        return mix(value + GOLDEN);
    }

    private static long mix(long z) {
        var a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        var b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
