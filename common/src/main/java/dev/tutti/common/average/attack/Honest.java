package dev.tutti.common.average.attack;

/** What an attacker knows who sees all honest vectors. */
final class Honest {
    private Honest() {}

    /** Returns the mean of the first vectors. */
    static double[] mean(int honest, int count, float[][] vectors) {
        var mean = new double[count];
        for (var i = 0; i < honest; i++) {
            add(count, vectors[i], mean);
        }
        for (var k = 0; k < count; k++) {
            mean[k] /= honest;
        }
        return mean;
    }

    private static void add(int count, float[] vector, double[] out) {
        for (var k = 0; k < count; k++) {
            out[k] += vector[k];
        }
    }

    /** Returns the unbiased deviation of the first vectors, at least two, at each coordinate. */
    static double[] deviation(double[] mean, int honest, int count, float[][] vectors) {
        var deviation = new double[count];
        for (var i = 0; i < honest; i++) {
            addSquares(count, vectors[i], mean, deviation);
        }
        for (var k = 0; k < count; k++) {
            deviation[k] = Math.sqrt(deviation[k] / (honest - 1));
        }
        return deviation;
    }

    private static void addSquares(int count, float[] vector, double[] mean, double[] out) {
        for (var k = 0; k < count; k++) {
            out[k] += (vector[k] - mean[k]) * (vector[k] - mean[k]);
        }
    }
}
