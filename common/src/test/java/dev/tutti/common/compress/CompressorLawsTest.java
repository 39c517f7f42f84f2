package dev.tutti.common.compress;

import static dev.tutti.common.compress.Tensors.LARGE;
import static dev.tutti.common.compress.Tensors.SHAPES;
import static dev.tutti.common.compress.Tensors.bits;
import static dev.tutti.common.compress.Tensors.parse;
import static dev.tutti.common.compress.Tensors.receive;
import static dev.tutti.common.compress.Tensors.received;
import static dev.tutti.common.compress.Tensors.send;
import static dev.tutti.common.compress.Tensors.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.tutti.common.compress.Compressor.Matrix;
import dev.tutti.common.compress.Compressor.Scene;
import dev.tutti.common.plugin.PlugInLaws;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every compressor of the catalogue. */
class CompressorLawsTest {
    private static final long SEED = new Random().nextLong();

    /** Far above any tensor here, and what loading a class may take. */
    private static final long ALLOCATED_MAX = 1 << 22;

    private static final Scene SCENE = new Scene(20_261_201, 7, 3, 2);

    /** What follows from the scene. */
    private enum Draws {
        NOTHING,
        /** The same for all virtual workers. */
        SHARED,
        OWN
    }

    /**
     * What is claimed of a compressor.
     *
     * @param fixed the code of a tensor always has the most bytes
     * @param unbiased the mean over many draws is the tensor
     */
    private record Claims(boolean fixed, boolean unbiased, Draws draws) {}

    /** Every compressor with what it claims; add one for a new compressor. */
    private static final Map<String, Claims> CLAIMS = new LinkedHashMap<>();

    static {
        CLAIMS.put("fp32", new Claims(true, true, Draws.NOTHING));
        CLAIMS.put("int8", new Claims(true, true, Draws.OWN));
        CLAIMS.put("int8(bucket=7)", new Claims(true, true, Draws.OWN));
        CLAIMS.put("one-bit", new Claims(true, false, Draws.NOTHING));
        CLAIMS.put("sign", new Claims(true, false, Draws.NOTHING));
        CLAIMS.put("top-k", new Claims(false, false, Draws.NOTHING));
        CLAIMS.put("top-k(ratio=0.3)", new Claims(false, false, Draws.NOTHING));
        CLAIMS.put("random-k", new Claims(true, false, Draws.SHARED));
        CLAIMS.put("random-k(ratio=0.1,scaled=true)", new Claims(true, true, Draws.SHARED));
        CLAIMS.put("threshold(tau=0.5)", new Claims(false, false, Draws.NOTHING));
        CLAIMS.put("power-sgd", new Claims(true, false, Draws.SHARED));
        CLAIMS.put("power-sgd(rank=1)", new Claims(true, false, Draws.SHARED));
        CLAIMS.put("dgc", new Claims(false, false, Draws.NOTHING));
        CLAIMS.put("dgc(ratio=0.2,momentum=0.0)", new Claims(false, false, Draws.NOTHING));
        CLAIMS.put("error-feedback(compressor=sign)", new Claims(true, false, Draws.NOTHING));
        CLAIMS.put("error-feedback(compressor=fp32)", new Claims(true, true, Draws.NOTHING));
        CLAIMS.put("ef21(compressor=top-k)", new Claims(false, false, Draws.NOTHING));
        CLAIMS.put("ef21(compressor=int8)", new Claims(true, false, Draws.OWN));
    }

    private static final List<String> REFUSED =
            List.of(
                    "int8(bucket=0)",
                    "top-k(ratio=0)",
                    "top-k(ratio=1.1)",
                    "top-k(ratio=NaN)",
                    "random-k(ratio=-0.1)",
                    "threshold",
                    "threshold(tau=-1)",
                    "threshold(tau=inf)",
                    "power-sgd(rank=0)",
                    "dgc(ratio=2)",
                    "dgc(momentum=1)",
                    "error-feedback",
                    "error-feedback(dgc)",
                    "error-feedback(error-feedback(sign))",
                    "ef21",
                    "ef21(dgc)",
                    "error-feedback(ef21(sign))");

    private final Random random = new Random(SEED);

    static Stream<String> texts() {
        return CLAIMS.keySet().stream();
    }

    static Stream<String> withoutState() {
        return texts().filter(text -> parse(text).states() == 0);
    }

    private static Claims claims(String text) {
        return Objects.requireNonNull(CLAIMS.get(text));
    }

    @Test
    void everyCompressorIsListedWithItsClaims() {
        var texts = texts().toList();
        PlugInLaws.everyRecordIsListed(Compressors.CATALOGUE, Compressor.class);
        PlugInLaws.everyNameHasAnExample(Compressors.CATALOGUE, texts);
        PlugInLaws.textsRoundTrip(Compressors.CATALOGUE, texts);
        PlugInLaws.defaultsAreNotPrinted(Compressors.CATALOGUE, texts);
        PlugInLaws.textsAreRefused(Compressors.CATALOGUE, REFUSED);
        PlugInLaws.everyArgumentIsGuarded(Compressors.CATALOGUE, REFUSED);
        assertThat(parse(Compressors.NONE).isNeutral()).isTrue();
    }

    /** Two tensors behind one another, so that the second does not begin with the first byte. */
    @ParameterizedTest
    @MethodSource("texts")
    void theReceiverHasWhatTheSenderHas(String text) {
        var compressor = parse(text);
        for (var matrix : SHAPES) {
            for (var tensor : Tensors.finite(matrix, random)) {
                var first = send(compressor, SCENE, matrix, tensor);
                var read = receive(compressor, SCENE, matrix, first.code());
                assertThat(bits(read)).as(where(matrix)).isEqualTo(bits(first.values()));

                var values = new float[][] {tensor.clone(), tensor.clone()};
                var out = new CodeWriter();
                for (var each : values) {
                    compressor.encode(SCENE, matrix, each, state(compressor, matrix), out);
                }
                var in = new CodeReader(out.take());
                for (var each : values) {
                    var again = new float[matrix.count()];
                    compressor.decode(SCENE, matrix, in, received(compressor, matrix), again);
                    assertThat(bits(again)).as(where(matrix)).isEqualTo(bits(each));
                }
                assertThat(in.isAtEnd()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void aCodeHasTheBytesThatWereAnnounced(String text) {
        var compressor = parse(text);
        for (var matrix : SHAPES) {
            for (var tensor : Tensors.finite(matrix, random)) {
                var bytes = (long) send(compressor, SCENE, matrix, tensor).code().length;
                var most = compressor.bytesMax(matrix);
                assertThat(bytes).as(where(matrix)).isLessThanOrEqualTo(most);
                if (claims(text).fixed()) {
                    assertThat(bytes).as(where(matrix)).isEqualTo(most);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void vectorsAndSmallTensorsTravelAsTheyAre(String text) {
        var compressor = parse(text);
        for (var matrix : List.of(new Matrix(1, 1), new Matrix(1, 1000), new Matrix(7, 9))) {
            var tensor = Tensors.gaussian(matrix, random);
            var sent = send(compressor, SCENE, matrix, tensor);
            assertThat(bits(sent.values())).as(where(matrix)).isEqualTo(bits(tensor));
            assertThat(sent.code()).hasSize(Float.BYTES * matrix.count());
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void matricesTakeFewerBytesAndNeutralOnesKeepTheirBits(String text) {
        var compressor = parse(text);
        var tensor = Tensors.gaussian(LARGE, random);
        var sent = send(compressor, SCENE, LARGE, tensor);
        if (compressor.isNeutral()) {
            assertThat(bits(sent.values())).isEqualTo(bits(tensor));
        } else {
            assertThat(bits(sent.values())).isNotEqualTo(bits(tensor));
            assertThat(sent.code().length).isLessThan(Float.BYTES * LARGE.count());
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void zerosStayZeros(String text) {
        for (var matrix : SHAPES) {
            var sent = send(parse(text), SCENE, matrix, new float[matrix.count()]);
            assertThat(sent.values()).as(where(matrix)).containsOnly(0f);
        }
    }

    /** Or else a gradient that is no number would be added, and nobody would notice. */
    @ParameterizedTest
    @MethodSource("texts")
    void aTensorThatIsNotFiniteStaysSo(String text) {
        var compressor = parse(text);
        for (var matrix : SHAPES) {
            for (var bad :
                    new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                for (var attempt = 0; attempt < 20; attempt++) {
                    var tensor = Tensors.gaussian(matrix, random);
                    tensor[random.nextInt(tensor.length)] = bad;
                    var sent = send(compressor, SCENE, matrix, tensor);
                    assertThat(Tensors.allFinite(sent.values()))
                            .as("%s, %s", bad, where(matrix))
                            .isFalse();
                    assertThat(bits(receive(compressor, SCENE, matrix, sent.code())))
                            .as("%s, %s", bad, where(matrix))
                            .isEqualTo(bits(sent.values()));
                }
            }
        }
    }

    /** In any thread, and whatever was compressed before. */
    @ParameterizedTest
    @MethodSource("texts")
    void aCodeIsAPureFunction(String text) {
        var tensor = Tensors.gaussian(LARGE, random);
        var before = Tensors.gaussian(LARGE, random);
        @SuppressWarnings("ArrayRecordComponent") // Never compared as a whole.
        record Result(byte[] code, float[] values, float[][] state) {}
        var results =
                IntStream.range(0, 8)
                        .parallel()
                        .mapToObj(_ -> {
                            var compressor = parse(text);
                            var state = state(compressor, LARGE);
                            send(compressor, SCENE, LARGE, before, state);
                            var sent = send(compressor, SCENE, LARGE, tensor, state);
                            return new Result(sent.code(), sent.values(), state);
                        })
                        .toList();
        for (var result : results) {
            assertThat(result.code()).isEqualTo(results.getFirst().code());
            assertThat(bits(result.values())).isEqualTo(bits(results.getFirst().values()));
            assertThat(result.state()).isDeepEqualTo(results.getFirst().state());
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void itDrawsFromWhatItClaims(String text) {
        var tensor = Tensors.gaussian(LARGE, random);
        var draws = claims(text).draws();
        var shared =
                List.of(
                        new Scene(1, 7, 3, 2),
                        new Scene(SCENE.seed(), 8, 3, 2),
                        new Scene(SCENE.seed(), 7, 3, 1));
        for (var scene : shared) {
            assertThat(differ(text, tensor, scene))
                    .as("%s", scene)
                    .isEqualTo(draws != Draws.NOTHING);
        }
        assertThat(differ(text, tensor, new Scene(SCENE.seed(), 7, 4, 2)))
                .isEqualTo(draws == Draws.OWN);
    }

    private static boolean differ(String text, float[] tensor, Scene other) {
        var here = send(parse(text), SCENE, LARGE, tensor);
        var there = send(parse(text), other, LARGE, tensor);
        return !Arrays.equals(bits(here.values()), bits(there.values()));
    }

    /**
     * Each of 1,000 scenes is a draw. Of an unbiased one no mean is further than six standard
     * errors away: that is one tensor of a million. Of the others some number is much further.
     */
    @ParameterizedTest
    @MethodSource("withoutState")
    void theMeanOfManyDrawsIsTheTensorWhereClaimed(String text) {
        var matrix = new Matrix(20, 24);
        var tensor = Tensors.gaussian(matrix, random);
        var draws = 1000;
        var sums = new double[tensor.length];
        var squares = new double[tensor.length];
        for (var batch = 0; batch < draws; batch++) {
            var scene = new Scene(SEED, batch, 0, 0);
            var values = send(parse(text), scene, matrix, tensor).values();
            for (var i = 0; i < values.length; i++) {
                var off = values[i] - (double) tensor[i];
                sums[i] += off;
                squares[i] += off * off;
            }
        }
        var worst =
                IntStream.range(0, tensor.length)
                        .mapToDouble(i -> {
                            var mean = sums[i] / draws;
                            var variance = Math.max(0, squares[i] / draws - mean * mean);
                            // Rounding to floats, and what a rare draw adds to the variance.
                            var floor = 1e-6 + spread(text, tensor[i], tensor);
                            var error = Math.sqrt(Math.max(variance, floor * floor) / draws);
                            return Math.abs(mean) / error;
                        })
                        .max()
                        .orElseThrow();
        if (claims(text).unbiased()) {
            assertThat(worst).as("seed %d", SEED).isLessThan(6);
        } else {
            assertThat(worst).as("seed %d", SEED).isGreaterThan(12);
        }
    }

    /**
     * Returns the deviation of a draw that follows from the definition, where a sample of it may be
     * too small: a number just above a level is rounded up in few draws or in none.
     */
    private static double spread(String text, float value, float[] tensor) {
        return switch (parse(text)) {
            case Int8 _ -> 0.1 * largest(tensor) / 127;
            case RandomK(var ratio, var scaled) ->
                    scaled ? Math.abs(value) * Math.sqrt(1 / ratio - 1) : 0;
            default -> 0;
        };
    }

    private static double largest(float[] tensor) {
        return IntStream.range(0, tensor.length)
                .mapToDouble(i -> Math.abs(tensor[i]))
                .max()
                .orElseThrow();
    }

    /** The residual is what floats leave of the sum, so nothing is lost but by their rounding. */
    @ParameterizedTest
    @MethodSource("withoutState")
    void errorFeedbackKeepsWhatWasLeftOut(String text) {
        var compressor = new ErrorFeedback(parse(text));
        for (var matrix : SHAPES) {
            var state = state(compressor, matrix);
            var all = new double[matrix.count()];
            var arrived = new double[matrix.count()];
            for (var step = 0; step < 20; step++) {
                var scene = new Scene(SEED, step, 1, 0);
                var before = state[0].clone();
                var gradient = Tensors.gaussian(matrix, random);
                var sent = send(compressor, scene, matrix, gradient, state);
                var decoded = receive(compressor, scene, matrix, sent.code());
                for (var i = 0; i < decoded.length; i++) {
                    var sum = gradient[i] + before[i];
                    assertThat(state[0][i])
                            .as("number %d, step %d, %s", i, step, where(matrix))
                            .isEqualTo(sum - decoded[i]);
                    all[i] += gradient[i];
                    arrived[i] += decoded[i];
                }
            }
            if (!text.contains("scaled")) {
                for (var i = 0; i < all.length; i++) {
                    assertThat(Math.abs(arrived[i] + state[0][i] - all[i]))
                            .as("number %d, %s", i, where(matrix))
                            .isLessThan(1e-3);
                }
            }
        }
    }

    /** Over many steps, where the receiver has only the codes. */
    @ParameterizedTest
    @MethodSource("texts")
    void theReceiverKeepsUpWithTheSender(String text) {
        var compressor = parse(text);
        for (var matrix : SHAPES) {
            var sender = state(compressor, matrix);
            var receiver = received(compressor, matrix);
            for (var step = 0; step < 10; step++) {
                var scene = new Scene(SEED, step, 2, 1);
                var gradient = Tensors.gaussian(matrix, random);
                var sent = send(compressor, scene, matrix, gradient, sender);
                var read = receive(compressor, scene, matrix, sent.code(), receiver);
                assertThat(bits(read)).as(where(matrix)).isEqualTo(bits(sent.values()));
            }
            if (compressor.sharesState()) {
                assertThat(receiver).as(where(matrix)).isDeepEqualTo(sender);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void everyVectorOfTheStateIsUsed(String text) {
        var compressor = parse(text);
        var state = state(compressor, LARGE);
        send(compressor, SCENE, LARGE, Tensors.gaussian(LARGE, random), state);
        send(compressor, SCENE, LARGE, Tensors.gaussian(LARGE, random), state);
        if (!compressor.isNeutral()) {
            for (var vector : state) {
                assertThat(bits(vector)).isNotEqualTo(new int[LARGE.count()]);
            }
        }
        // A vector more is one that nobody announced.
        var more = new float[compressor.states() + 1][LARGE.count()];
        send(compressor, SCENE, LARGE, Tensors.gaussian(LARGE, random), more);
        assertThat(more[compressor.states()]).containsOnly(0f);
    }

    @ParameterizedTest
    @MethodSource("texts")
    void aCodeThatIsCutIsRefused(String text) {
        var compressor = parse(text);
        for (var matrix : SHAPES) {
            var code = send(compressor, SCENE, matrix, Tensors.gaussian(matrix, random)).code();
            for (var attempt = 0; attempt < 40; attempt++) {
                var length = attempt == 0 ? code.length - 1 : random.nextInt(code.length);
                var cut = new CodeReader(Arrays.copyOf(code, length));
                assertThatThrownBy(() ->
                                compressor.decode(
                                        SCENE,
                                        matrix,
                                        cut,
                                        received(compressor, matrix),
                                        new float[matrix.count()]))
                        .as("%d of %d bytes, %s", length, code.length, where(matrix))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageMatching("[^\n]+");
            }
        }
    }

    /** A hostile code costs no more memory than an honest one. */
    @ParameterizedTest
    @MethodSource("texts")
    void aCodeThatNobodyWroteIsNumbersOrRefused(String text) {
        var compressor = parse(text);
        for (var matrix : SHAPES) {
            var code = send(compressor, SCENE, matrix, Tensors.gaussian(matrix, random)).code();
            var out = new float[matrix.count()];
            for (var attempt = 0; attempt < 200; attempt++) {
                var damaged = attempt % 2 == 0 ? damaged(code) : noise(code.length);
                var before = allocated();
                try {
                    compressor.decode(
                            SCENE,
                            matrix,
                            new CodeReader(damaged),
                            received(compressor, matrix),
                            out);
                } catch (IllegalArgumentException refused) {
                    assertThat(refused.getMessage())
                            .as(where(matrix))
                            .isNotBlank()
                            .doesNotContain("\n");
                }
                assertThat(allocated() - before).as(where(matrix)).isLessThan(ALLOCATED_MAX);
            }
        }
    }

    private byte[] damaged(byte[] code) {
        var damaged = code.clone();
        for (var hit = 0; hit <= random.nextInt(4); hit++) {
            // The first bytes say how many numbers follow.
            var at = random.nextInt(random.nextBoolean() ? Math.min(8, code.length) : code.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
        }
        return damaged;
    }

    private byte[] noise(int like) {
        var bytes = new byte[random.nextInt(2 * like + 1)];
        random.nextBytes(bytes);
        if (random.nextBoolean()) {
            Arrays.fill(bytes, (byte) -random.nextInt(2));
        }
        return bytes;
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    private static String where(Matrix matrix) {
        return "%s, seed %d".formatted(matrix, SEED);
    }
}
