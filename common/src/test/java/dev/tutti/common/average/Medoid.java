package dev.tutti.common.average;

/** The vector that is closest to all others, for tests: it needs the whole vectors. */
public record Medoid() implements AveragingRule {
    @Override
    public boolean isByCoordinate() {
        return false;
    }

    @Override
    public void average(int count, float[][] vectors, int[] samples, float[] out) {
        var closest = 0;
        var least = Double.POSITIVE_INFINITY;
        for (var candidate = 0; candidate < vectors.length; candidate++) {
            var distances = 0.0;
            for (var other : vectors) {
                distances += distance(count, vectors[candidate], other);
            }
            if (distances < least) {
                least = distances;
                closest = candidate;
            }
        }
        System.arraycopy(vectors[closest], 0, out, 0, count);
    }

    private static double distance(int count, float[] one, float[] other) {
        var squares = 0.0;
        for (var i = 0; i < count; i++) {
            var difference = (double) one[i] - other[i];
            squares += difference * difference;
        }
        return Math.sqrt(squares);
    }
}
