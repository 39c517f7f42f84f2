package dev.tutti.common.step.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.average.pipeline.GradientLayout;
import dev.tutti.common.rounding.Bf16;
import dev.tutti.common.vector.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A spec is the same after it was written as texts and read; nothing else is read. */
class RunSpecTest {
    private static final RunSpec SPEC =
            new RunSpec(
                    "dense(4),relu,dense(2)",
                    "mse",
                    Shape.of(1, 8, 8),
                    2,
                    -3,
                    32,
                    true,
                    4,
                    0.1,
                    1e-12,
                    "points, \"drawn\"",
                    "ab".repeat(32),
                    1L << 40,
                    1 << 17,
                    new Bf16(),
                    "mean",
                    "none",
                    "none",
                    0,
                    "synchronous",
                    RunSpec.NO_CLOCK,
                    "iid",
                    "fp32",
                    "fp32");

    static Stream<String> names() {
        return SPEC.texts().keySet().stream();
    }

    /** Another text of each option that is read, in the order of the record. */
    static Stream<Arguments> others() {
        return Stream.of(
                Arguments.of("model", "dense(2)"),
                Arguments.of("loss", "mae"),
                Arguments.of("input", "64"),
                Arguments.of("outputs", "2147483647"),
                Arguments.of("seed", "9223372036854775807"),
                Arguments.of("batch", "4"),
                Arguments.of("shuffle", "false"),
                Arguments.of("shards", "1"),
                Arguments.of("validation", "0.0"),
                Arguments.of("test", "0.3333333333333333"),
                Arguments.of("data-name", ""),
                Arguments.of("data", "cd".repeat(32)),
                Arguments.of("data-bytes", "1"),
                Arguments.of("chunk-floats", "1"),
                Arguments.of("wire", "fp32"),
                Arguments.of("average", "median"),
                Arguments.of("mixing", "nnm(f=1)"),
                Arguments.of("attack", "mimic"),
                Arguments.of("faulty", "1"),
                Arguments.of("sync", "stale(s=2)"),
                Arguments.of("clock", "virtual"),
                Arguments.of("partition", "sorted"),
                Arguments.of("compress", "top-k(ratio=0.1)"),
                Arguments.of("compress-down", "error-feedback(top-k(ratio=0.1))"));
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of("input", "", "input must be a shape, was \"\""),
                Arguments.of("input", "8×0", "input extents must be at least 1, were [8, 0]"),
                Arguments.of("input", "8x8", "input must be a shape, was \"8x8\""),
                Arguments.of("input", "65536×65536", "input has more than"),
                Arguments.of("outputs", "0", "outputs of 0; expected at least 1"),
                Arguments.of("seed", "one", "seed must be a whole number, was \"one\""),
                Arguments.of("seed", "9223372036854775808", "seed must be a whole number"),
                Arguments.of("seed", "+1", "seed must be a whole number, was \"+1\""),
                Arguments.of("batch", " 32", "batch must be a whole number, was \" 32\""),
                Arguments.of("batch", "0", "batch of 0; expected at least 1"),
                Arguments.of("batch", "3", "cannot be cut into 4 shards"),
                Arguments.of("shuffle", "yes", "shuffle must be true or false, was \"yes\""),
                Arguments.of("shards", "1048577", "shards of 1048577; expected 1 to 1048576"),
                Arguments.of("validation", "1/10", "validation must be a number"),
                Arguments.of("test", "0x1p-3", "test must be a number"),
                Arguments.of("data-name", "x".repeat(257), "257 characters; expected at most 256"),
                Arguments.of("data-bytes", "-1", "data-bytes of -1; expected at least 1"),
                Arguments.of("chunk-floats", "0", "chunk-floats of 0; expected at least 1"),
                Arguments.of("wire", "BF16", "wire unknown rounding \"BF16\""),
                Arguments.of("seed", "1".repeat(9999), "was \"" + "1".repeat(80) + "…\""),
                Arguments.of("model", "relu,".repeat(99999), "expected at most 65536"));
    }

    @Test
    void everyComponentComesBack() {
        assertThat(RunSpec.of(SPEC.texts())).isEqualTo(SPEC);
        assertThat(SPEC.texts()).hasSize(RunSpec.class.getRecordComponents().length);
    }

    @Test
    void everyOptionHasAnotherTextHere() {
        assertThat(others().map(other -> (String) other.get()[0]))
                .containsExactlyElementsOf(List.copyOf(SPEC.texts().keySet()));
    }

    @ParameterizedTest
    @MethodSource("others")
    void anotherTextIsAnotherComponentAndComesBack(String name, String text) {
        var texts = with(name, text);
        var read = RunSpec.of(texts);

        assertThat(read.texts()).isEqualTo(texts);
        assertThat(
                        Arrays.stream(RunSpec.class.getRecordComponents())
                                .filter(component -> {
                                    try {
                                        var accessor = component.getAccessor();
                                        return !accessor.invoke(read).equals(accessor.invoke(SPEC));
                                    } catch (ReflectiveOperationException e) {
                                        throw new LinkageError(component.getName(), e);
                                    }
                                }))
                .hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("names")
    void aMissingTextIsRefused(String name) {
        var texts = SPEC.texts();
        texts.remove(name);
        assertRefused(texts, "option " + name + " is missing");
    }

    @Test
    void anUnknownTextIsRefused() {
        assertRefused(with("colour", "red"), "unknown option \"colour\"; there are: model, loss,");
        assertRefused(with("x".repeat(999), ""), "unknown option \"" + "x".repeat(80) + "…\"");
        assertRefused(with("Seed", "1"), "unknown option \"Seed\"");
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void aMalformedTextIsRefused(String name, String text, String expected) {
        assertRefused(with(name, text), expected);
    }

    /** Checkpoints of older releases have these names. */
    @Test
    void theNamesOfWhatBitsFollowFromStay() {
        assertThat(SPEC.bits().keySet())
                .containsExactly(
                        "model",
                        "loss",
                        "input",
                        "outputs",
                        "seed",
                        "batch",
                        "shuffle",
                        "shards",
                        "validation",
                        "test",
                        "data",
                        "wire",
                        "average",
                        "mixing",
                        "attack",
                        "faulty",
                        "sync",
                        "clock",
                        "partition",
                        "compress",
                        "compress-down");
    }

    /** Such a run was synchronous, took the mean, and each worker drew from all samples. */
    @Test
    void whatOlderReleasesDidNotSayIsImplied() {
        assertThat(RunSpec.implied())
                .containsOnly(
                        Map.entry("average", "mean"),
                        Map.entry("mixing", "none"),
                        Map.entry("attack", "none"),
                        Map.entry("faulty", "0"),
                        Map.entry("sync", "synchronous"),
                        Map.entry("clock", "none"),
                        Map.entry("partition", "iid"),
                        Map.entry("compress", "fp32"),
                        Map.entry("compress-down", "fp32"));
    }

    /** Adasum averages each layer by itself; what batch normalisation measures is no gradient. */
    @Test
    void theLayoutOfAnAverageIsThatOfTheModel() {
        var texts = with("model", "dense(3),batch-norm,relu,residual(dense(3),tanh),dense(2)");
        texts.put("average", "adasum");
        var averaging = RunSpec.of(texts).averaging();
        assertThat(averaging.layout())
                .isEqualTo(new GradientLayout(List.of(0L, 195L, 201L, 213L), 221));
        assertThat(averaging.parts())
                .hasSize(5)
                .endsWith(new GradientLayout.Part(221, Long.MAX_VALUE, false));
        assertThat(RunSpec.of(with("average", "krum(f=1)")).averaging().parts()).hasSize(2);
    }

    private static Map<String, String> with(String name, String text) {
        var texts = new LinkedHashMap<>(SPEC.texts());
        texts.put(name, text);
        return texts;
    }

    private static void assertRefused(Map<String, String> texts, String expected) {
        assertThatThrownBy(() -> RunSpec.of(texts))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected)
                .satisfies(refusal ->
                        assertThat(refusal.getMessage()).hasLineCount(1).hasSizeLessThan(400));
    }
}
