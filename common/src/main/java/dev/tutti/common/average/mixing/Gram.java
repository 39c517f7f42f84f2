package dev.tutti.common.average.mixing;

/**
 * The inner products of some vectors with one another. They tell all lengths and distances, also of
 * weighted sums of the vectors, so what works by distances needs nothing else. Immutable.
 */
public final class Gram {
    private final int count;

    /** count × count, symmetric, row by row. */
    private final double[] products;

    private Gram(int count, double[] products) {
        this.count = count;
        this.products = products;
    }

    /**
     * Returns the matrix of these inner products.
     *
     * @param products at {@code i·count + j} that of the vectors i and j, for j ≥ i; others are not
     *     read
     */
    public static Gram of(int count, double[] products) {
        var all = products.clone();
        for (var i = 0; i < count; i++) {
            for (var j = 0; j < i; j++) {
                all[i * count + j] = all[j * count + i];
            }
        }
        return new Gram(count, all);
    }

    /** Returns how many vectors there are. */
    public int count() {
        return count;
    }

    /** Returns the inner product of two vectors. */
    public double product(int i, int j) {
        return products[i * count + j];
    }

    /** Returns the length of a vector. */
    public double norm(int i) {
        return Math.sqrt(product(i, i));
    }

    /** Returns the squared distance of two vectors; 0 of equal ones. */
    public double squaredDistance(int i, int j) {
        return Math.max(0, product(i, i) + product(j, j) - 2 * product(i, j));
    }

    /** Returns the inner product of two weighted sums of the vectors. */
    public double product(double[] left, double[] right) {
        return dot(times(left), right);
    }

    /** Returns the distances of all vectors to a weighted sum of them. */
    public double[] distances(double[] sum) {
        var withSum = times(sum);
        var ofSum = dot(withSum, sum);
        var distances = new double[count];
        for (var i = 0; i < count; i++) {
            distances[i] = Math.sqrt(Math.max(0, product(i, i) - 2 * withSum[i] + ofSum));
        }
        return distances;
    }

    /** Returns the matrix of weighted sums of these vectors, a row of weights for each. */
    public Gram of(double[][] rows) {
        var mixed = new double[rows.length * rows.length];
        for (var i = 0; i < rows.length; i++) {
            var withRow = times(rows[i]);
            for (var j = i; j < rows.length; j++) {
                mixed[i * rows.length + j] = dot(withRow, rows[j]);
            }
        }
        return of(rows.length, mixed);
    }

    /** Returns the inner products of all vectors with a weighted sum of them. */
    private double[] times(double[] weights) {
        var out = new double[count];
        for (var i = 0; i < count; i++) {
            if (weights[i] != 0) {
                for (var j = 0; j < count; j++) {
                    out[j] += weights[i] * product(i, j);
                }
            }
        }
        return out;
    }

    /** What has no weight may be no number. */
    private static double dot(double[] values, double[] weights) {
        var sum = 0.0;
        for (var i = 0; i < values.length; i++) {
            if (weights[i] != 0) {
                sum += values[i] * weights[i];
            }
        }
        return sum;
    }

    /** Returns the matrix of the first vectors. */
    public Gram first(int vectors) {
        var kept = new double[vectors * vectors];
        for (var i = 0; i < vectors; i++) {
            System.arraycopy(products, i * count, kept, i * vectors, vectors);
        }
        return new Gram(vectors, kept);
    }

    /** Returns the matrix of the vectors that have these parts and those of {@code other}. */
    public Gram plus(Gram other) {
        var sum = products.clone();
        for (var i = 0; i < sum.length; i++) {
            sum[i] += other.products[i];
        }
        return new Gram(count, sum);
    }
}
