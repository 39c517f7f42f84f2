package dev.tutti.deploy.parser;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A parser either reads its input or refuses it.
 *
 * <p>{@code -Dtutti.fuzz.inputs=100000 -Dtutti.fuzz.seed=7} makes it longer and other. What was
 * found once is in the resources and tried first.
 */
class ParserFuzzTest {
    private static final int INPUTS = Integer.getInteger("tutti.fuzz.inputs", 300);
    private static final long SEED = Long.getLong("tutti.fuzz.seed", 20261122);

    @TempDir Path temporary;

    @TestFactory
    Stream<DynamicTest> everyInputIsReadOrRefusedInWords() throws IOException {
        return Parsers.in(temporary).stream()
                .map(parser -> DynamicTest.dynamicTest(parser.name(), () -> fuzz(parser)));
    }

    private static void fuzz(ParserUnderTest parser) throws IOException {
        for (var found : parser.found()) {
            parser.attempt("found earlier", found);
        }
        var mutations = new Mutations(parser.examples());
        for (var i = 0; i < INPUTS; i++) {
            var input = mutations.next(new SplittableRandom(SEED + i));
            parser.attempt("seed " + (SEED + i), input);
        }
    }
}
