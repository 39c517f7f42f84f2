package dev.tutti.deploy.parser;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The parsers of {@link Parsers} as targets of Jazzer, which looks for inputs that reach new code.
 *
 * <p>A build only tries what is right and what was found once. {@code JAZZER_FUZZ=1} in the
 * environment and {@code -Dtest=JazzerTest#csv} make it search one parser, for a minute.
 */
@Tag("jazzer")
class JazzerTest {
    private static final String DURATION = "1m";

    @TempDir static Path temporary;

    private static Map<String, ParserUnderTest> parsers = Map.of();

    @BeforeAll
    static void makeParsers() throws IOException {
        parsers =
                Parsers.in(temporary).stream()
                        .collect(Collectors.toMap(ParserUnderTest::name, Function.identity()));
    }

    static Stream<byte[]> known(TestInfo target) throws IOException {
        var parser = parser(target.getTestMethod().orElseThrow().getName());
        return Stream.concat(parser.examples().stream(), parser.found().stream());
    }

    private static ParserUnderTest parser(String method) {
        var name = method.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        return Optional.ofNullable(parsers.get(name))
                .orElseThrow(() -> new AssertionError("no parser " + name));
    }

    @Test
    void everyParserIsATarget() {
        assertThat(
                        Arrays.stream(JazzerTest.class.getDeclaredMethods())
                                .filter(method -> method.isAnnotationPresent(FuzzTest.class))
                                .map(Method::getName)
                                .map(JazzerTest::parser))
                .containsExactlyInAnyOrderElementsOf(parsers.values());
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void frameOfWorker(byte[] input) {
        parser("frameOfWorker").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void frameOfCoordinator(byte[] input) {
        parser("frameOfCoordinator").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void safetensors(byte[] input) {
        parser("safetensors").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void checkpoint(byte[] input) {
        parser("checkpoint").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void dataset(byte[] input) {
        parser("dataset").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void csv(byte[] input) {
        parser("csv").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void idxImages(byte[] input) {
        parser("idxImages").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void idxLabels(byte[] input) {
        parser("idxLabels").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void model(byte[] input) {
        parser("model").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void plugIns(byte[] input) {
        parser("plugIns").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void configuration(byte[] input) {
        parser("configuration").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void authority(byte[] input) {
        parser("authority").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void certificate(byte[] input) {
        parser("certificate").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void key(byte[] input) {
        parser("key").attempt("found by Jazzer", input);
    }

    @MethodSource("known")
    @FuzzTest(maxDuration = DURATION)
    void token(byte[] input) {
        parser("token").attempt("found by Jazzer", input);
    }
}
