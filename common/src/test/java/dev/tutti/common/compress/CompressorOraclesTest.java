package dev.tutti.common.compress;

import static dev.tutti.common.compress.Tensors.LARGE;
import static dev.tutti.common.compress.Tensors.bits;
import static dev.tutti.common.compress.Tensors.parse;
import static dev.tutti.common.compress.Tensors.send;
import static dev.tutti.common.compress.Tensors.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.compress.Compressor.Matrix;
import dev.tutti.common.compress.Compressor.Scene;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each compressor gives what its definition says, written again in doubles as plainly as can be.
 */
class CompressorOraclesTest {
    private static final long SEED = new Random().nextLong();
    private static final Scene SCENE = new Scene(20_261_202, 5, 1, 0);

    /** Of the error of the best matrix. */
    private static final double MEDIAN_MAX = 1.25;

    private final Random random = new Random(SEED);

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 512, 1920, 5000})
    void int8RoundsToALevelBesideTheNumber(int bucket) {
        for (var tensor : Tensors.finite(LARGE, random)) {
            var sent = send(new Int8(bucket), SCENE, LARGE, tensor).values();
            for (var from = 0; from < tensor.length; from += bucket) {
                var to = Math.min(from + bucket, tensor.length);
                var largest = IntStream.range(from, to).mapToDouble(i -> Math.abs(tensor[i])).max();
                var unit = largest.orElseThrow() / 127;
                for (var i = from; i < to; i++) {
                    // A denormal number is further from its level than a rounding of others.
                    var rounding = Math.ulp(sent[i]) / 2.0 + unit * 1e-9;
                    assertThat(Math.abs(sent[i] - (double) tensor[i]))
                            .as("number %d, seed %d", i, SEED)
                            .isLessThanOrEqualTo(unit + rounding);
                    var level = unit == 0 ? 0 : Math.rint(sent[i] / unit);
                    assertThat((double) sent[i])
                            .as("number %d, seed %d", i, SEED)
                            .isCloseTo(level * unit, within(rounding));
                    if (Math.abs(tensor[i]) == largest.orElseThrow()) {
                        assertThat(sent[i]).isEqualTo(tensor[i]);
                    }
                }
            }
        }
    }

    @Test
    void oneBitGivesTheMeanOfASide() {
        for (var tensor : Tensors.finite(LARGE, random)) {
            var sent = send(new OneBit(), SCENE, LARGE, tensor).values();
            var negative = mean(tensor, i -> tensor[i] < 0);
            var others = mean(tensor, i -> tensor[i] >= 0);
            for (var i = 0; i < tensor.length; i++) {
                assertNear(sent[i], tensor[i] < 0 ? negative : others, i);
            }
        }
    }

    private static double mean(float[] tensor, IntPredicate chosen) {
        return IntStream.range(0, tensor.length)
                .filter(chosen)
                .mapToDouble(i -> tensor[i])
                .average()
                .orElse(0);
    }

    @Test
    void signGivesTheMeanMagnitudeAndAZeroIsPositive() {
        for (var tensor : Tensors.finite(LARGE, random)) {
            var sent = send(new Sign(), SCENE, LARGE, tensor).values();
            var mean =
                    IntStream.range(0, tensor.length)
                            .mapToDouble(i -> Math.abs(tensor[i]))
                            .average()
                            .orElseThrow();
            for (var i = 0; i < tensor.length; i++) {
                assertNear(sent[i], tensor[i] < 0 ? -mean : mean, i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-9, 0.01, 0.1, 0.5, 0.999, 1})
    void topKKeepsTheFirstOfTheLargest(double ratio) {
        for (var tensor : Tensors.finite(LARGE, random)) {
            var sent = send(new TopK(ratio), SCENE, LARGE, tensor).values();
            assertThat(sent).as("seed %d", SEED).isEqualTo(largest(tensor, ratio));
        }
    }

    /** Returns the tensor with all but the largest numbers zero, found by sorting. */
    private static float[] largest(float[] tensor, double ratio) {
        var kept = new float[tensor.length];
        IntStream.range(0, tensor.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -Math.abs(tensor[i])))
                .limit((long) Math.max(1, ratio * tensor.length))
                .filter(i -> tensor[i] != 0)
                .forEach(i -> kept[i] = tensor[i]);
        return kept;
    }

    @Test
    void thresholdKeepsWhatIsAtLeastThat() {
        var tensor = Tensors.filled(LARGE, i -> (i % 9 - 4) * 0.25);
        var sent = send(new Threshold(0.5), SCENE, LARGE, tensor).values();
        for (var i = 0; i < sent.length; i++) {
            assertThat(sent[i]).isEqualTo(Math.abs(tensor[i]) >= 0.5 ? tensor[i] : 0);
        }
    }

    @Test
    void randomKKeepsTheSamePlacesForAllWorkersSoSumsHaveACode() {
        var compressor = new RandomK(0.1, false);
        var count = LARGE.count();
        var a = Tensors.filled(LARGE, _ -> 1 + random.nextInt(100));
        var b = Tensors.filled(LARGE, _ -> 1 + random.nextInt(100));
        var sentA = send(compressor, SCENE, LARGE, a).values();
        var other = new Scene(SCENE.seed(), SCENE.batch(), SCENE.shard() + 1, SCENE.tensor());
        var sentB = send(compressor, other, LARGE, b).values();
        var sum = Tensors.filled(LARGE, i -> sentA[i] + sentB[i]);
        assertThat(bits(send(compressor, SCENE, LARGE, sum).values())).isEqualTo(bits(sum));
        var kept = 0;
        for (var i = 0; i < count; i++) {
            assertThat(sentA[i]).isIn(0f, a[i]);
            kept += sentA[i] == 0 ? 0 : 1;
        }
        assertThat(kept).isEqualTo(count / 10);
    }

    @Test
    void aScaledRandomKIsLonger() {
        var tensor = Tensors.filled(LARGE, i -> i + 1);
        var plain = send(new RandomK(0.1, false), SCENE, LARGE, tensor).values();
        var scaled = send(new RandomK(0.1, true), SCENE, LARGE, tensor).values();
        for (var i = 0; i < plain.length; i++) {
            assertThat(scaled[i]).isEqualTo(10 * plain[i]);
        }
    }

    /**
     * Matrices whose singular values fall, as those of gradients do. A draw of Q may be nearly at
     * right angles to what is largest, so the bound is that of the median of many draws. No draw
     * adds anything: P·Pᵀ·M is a projection.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void powerSgdIsNearTheBestOfItsRank(int rank) {
        for (var matrix : List.of(LARGE, new Matrix(100, 20), new Matrix(17, 130))) {
            for (var decay : new double[] {0.3, 0.5, 0.8, 1}) {
                for (var noise : new double[] {0, 1e-3, 0.1}) {
                    var tensor = falling(matrix, decay, noise);
                    var length = length(tensor, new float[tensor.length]);
                    var errors = errors(rank, matrix, tensor);
                    var best = bestError(matrix, tensor, rank);
                    var where =
                            "%s, decay %s, noise %s, seed %d".formatted(matrix, decay, noise, SEED);
                    assertThat(errors[0]).as(where).isGreaterThan(best - 1e-5 * length);
                    assertThat(errors[errors.length / 2])
                            .as(where)
                            .isLessThan(MEDIAN_MAX * best + 1e-5 * length);
                    assertThat(errors[errors.length - 1]).as(where).isLessThan(length * (1 + 1e-5));
                }
            }
        }
    }

    /** Returns the errors of many draws, the least first. */
    private static double[] errors(int rank, Matrix matrix, float[] tensor) {
        return IntStream.range(0, 21)
                .mapToObj(batch -> new Scene(SEED, batch, 0, 0))
                .map(scene -> send(new PowerSgd(rank), scene, matrix, tensor).values())
                .mapToDouble(values -> length(tensor, values))
                .sorted()
                .toArray();
    }

    @Test
    void powerSgdKeepsAMatrixOfItsRankAndLess() {
        for (var ranks = 1; ranks <= 3; ranks++) {
            var tensor = new float[LARGE.count()];
            for (var k = 0; k < ranks; k++) {
                add(1, LARGE, tensor);
            }
            var sent = send(new PowerSgd(3), SCENE, LARGE, tensor).values();
            assertThat(length(tensor, sent))
                    .as("rank %d, seed %d", ranks, SEED)
                    .isLessThan(1e-5 * length(tensor, new float[tensor.length]));
        }
        var ones = Tensors.filled(LARGE, _ -> 1);
        for (var value : send(new PowerSgd(3), SCENE, LARGE, ones).values()) {
            assertThat(value).isCloseTo(1f, within(1e-5f));
        }
    }

    @Test
    void powerSgdLeavesTensorsAloneOfWhichItSavesLessThanHalf() {
        // 2 · (rows + columns) factors against rows · columns numbers.
        var just = new Matrix(8, 8);
        var wider = new Matrix(8, 9);
        assertThat(new PowerSgd(2).bytesMax(just)).isEqualTo(4 * 2 * 16);
        assertThat(new PowerSgd(3).bytesMax(just)).isEqualTo(4 * 64);
        assertThat(new PowerSgd(2).bytesMax(wider)).isEqualTo(4 * 2 * 17);
        var thin = new Matrix(1000, 3);
        var tensor = Tensors.gaussian(thin, random);
        assertThat(send(new PowerSgd(2), SCENE, thin, tensor).values()).isEqualTo(tensor);
    }

    private float[] falling(Matrix matrix, double decay, double noise) {
        var tensor = new float[matrix.count()];
        for (var k = 0; k < 8; k++) {
            add(Math.pow(decay, k), matrix, tensor);
        }
        for (var i = 0; i < tensor.length; i++) {
            tensor[i] += (float) (noise * random.nextGaussian());
        }
        return tensor;
    }

    /** Adds the product of a random column and a random row. */
    private void add(double scale, Matrix matrix, float[] out) {
        var column = random.doubles(matrix.rows()).map(x -> x - 0.5).toArray();
        var row = random.doubles(matrix.columns()).map(x -> x - 0.5).toArray();
        for (var i = 0; i < out.length; i++) {
            out[i] += (float) (scale * column[i / matrix.columns()] * row[i % matrix.columns()]);
        }
    }

    private static double length(float[] a, float[] b) {
        return Math.sqrt(
                IntStream.range(0, a.length)
                        .mapToDouble(i -> ((double) a[i] - b[i]) * ((double) a[i] - b[i]))
                        .sum());
    }

    /** Returns the error of the best matrix of this rank: of the singular values behind it. */
    private static double bestError(Matrix matrix, float[] tensor, int rank) {
        var n = matrix.columns();
        var gram = new double[n][n];
        for (var i = 0; i < n; i++) {
            for (var j = 0; j < n; j++) {
                for (var row = 0; row < matrix.rows(); row++) {
                    gram[i][j] += (double) tensor[row * n + i] * tensor[row * n + j];
                }
            }
        }
        var eigenvalues = eigenvalues(gram);
        return Math.sqrt(Arrays.stream(eigenvalues).limit(n - rank).map(x -> Math.max(0, x)).sum());
    }

    /** Returns the eigenvalues of a symmetric matrix, the largest last (Jacobi's rotations). */
    private static double[] eigenvalues(double[][] a) {
        var n = a.length;
        for (var sweep = 0; sweep < 12; sweep++) {
            for (var p = 0; p < n; p++) {
                for (var q = p + 1; q < n; q++) {
                    rotate(a, p, q);
                }
            }
        }
        return IntStream.range(0, n).mapToDouble(i -> a[i][i]).sorted().toArray();
    }

    private static void rotate(double[][] a, int p, int q) {
        if (a[p][q] == 0) {
            return;
        }
        var theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        var t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        var c = 1 / Math.sqrt(t * t + 1);
        var s = t * c;
        for (var k = 0; k < a.length; k++) {
            var left = a[k][p];
            var right = a[k][q];
            a[k][p] = c * left - s * right;
            a[k][q] = s * left + c * right;
        }
        for (var k = 0; k < a.length; k++) {
            var upper = a[p][k];
            var lower = a[q][k];
            a[p][k] = c * upper - s * lower;
            a[q][k] = s * upper + c * lower;
        }
    }

    /** Over whole numbers and halves, so that floats and doubles choose alike. */
    @Test
    void dgcSendsTheLargestSumsOfMomenta() {
        var compressor = parse("dgc(ratio=0.1,momentum=0.5)");
        var state = state(compressor, LARGE);
        var u = new double[LARGE.count()];
        var v = new float[LARGE.count()];
        for (var step = 0; step < 6; step++) {
            var gradient = Tensors.filled(LARGE, _ -> random.nextInt(2000) - 1000);
            for (var i = 0; i < u.length; i++) {
                u[i] = 0.5 * u[i] + gradient[i];
                v[i] += (float) u[i];
            }
            var expected = largest(v, 0.1);
            for (var i = 0; i < u.length; i++) {
                if (expected[i] != 0) {
                    u[i] = 0;
                    v[i] = 0;
                }
            }
            var sent = send(compressor, SCENE, LARGE, gradient, state).values();
            assertThat(sent).as("step %d, seed %d", step, SEED).isEqualTo(expected);
        }
    }

    @Test
    void dgcSendsTheMomentumOfATensorThatTravelsAsItIs() {
        var compressor = parse("dgc(ratio=0.1,momentum=0.5)");
        var bias = new Matrix(1, 100);
        var state = state(compressor, bias);
        var u = new float[bias.count()];
        for (var step = 0; step < 6; step++) {
            var gradient = Tensors.filled(bias, _ -> random.nextInt(2000) - 1000);
            for (var i = 0; i < u.length; i++) {
                u[i] = u[i] / 2 + gradient[i];
            }
            assertThat(send(compressor, SCENE, bias, gradient, state).values()).isEqualTo(u);
        }
    }

    @Test
    void errorFeedbackAddsWhatWasLeftOutBefore() {
        var compressor = parse("error-feedback(top-k(0.1))");
        var state = state(compressor, LARGE);
        var p = new float[LARGE.count()];
        for (var step = 0; step < 6; step++) {
            var gradient = Tensors.filled(LARGE, _ -> random.nextInt(2000) - 1000);
            for (var i = 0; i < p.length; i++) {
                p[i] += gradient[i];
            }
            var expected = largest(p, 0.1);
            for (var i = 0; i < p.length; i++) {
                p[i] -= expected[i];
            }
            var sent = send(compressor, SCENE, LARGE, gradient, state).values();
            assertThat(sent).as("step %d, seed %d", step, SEED).isEqualTo(expected);
        }
    }

    /** What arrives is h, and not the change of it. */
    @Test
    void ef21MovesTowardsTheGradient() {
        var compressor = parse("ef21(top-k(0.1))");
        var state = state(compressor, LARGE);
        var h = new float[LARGE.count()];
        var gradient = Tensors.filled(LARGE, _ -> 1 + random.nextInt(1000));
        for (var step = 0; step < 10; step++) {
            var change = largest(Tensors.filled(LARGE, i -> gradient[i] - h[i]), 0.1);
            for (var i = 0; i < h.length; i++) {
                h[i] += change[i];
            }
            var sent = send(compressor, SCENE, LARGE, gradient, state).values();
            assertThat(sent).as("step %d, seed %d", step, SEED).isEqualTo(h);
        }
        // A tenth of a gradient that stays is sent with each step.
        assertThat(h).isEqualTo(gradient);
    }

    private static void assertNear(float found, double expected, int i) {
        assertThat((double) found)
                .as("number %d, seed %d", i, SEED)
                .isCloseTo(expected, within(Math.abs(expected) * 1e-6 + Float.MIN_VALUE));
    }
}
