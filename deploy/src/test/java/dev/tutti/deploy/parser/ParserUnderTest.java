package dev.tutti.deploy.parser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A parser of what comes from outside. It either reads its input or refuses it: it throws nothing
 * but its own exception, with words for the user.
 *
 * @param name of the folder with inputs that it failed on
 * @param examples inputs that are right
 * @param refusal the exception of inputs that are not
 * @param reading of an input
 */
record ParserUnderTest(
        String name,
        List<byte[]> examples,
        Class<? extends RuntimeException> refusal,
        Reading reading) {
    private static final Path FOUND = Path.of("src/test/resources/dev/tutti/deploy/fuzz");
    private static final int SHOWN_BYTES = 400;

    /** Reads an input, and throws what the product would. */
    interface Reading {
        void read(byte[] input) throws IOException;
    }

    /** Returns the inputs that it failed on once. */
    List<byte[]> found() throws IOException {
        var folder = FOUND.resolve(name);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.sorted().map(ParserUnderTest::bytes).toList();
        }
    }

    /**
     * Reads an input.
     *
     * @param which names the input
     * @throws AssertionError if it is neither read nor refused in words
     */
    void attempt(String which, byte[] input) {
        try {
            reading.read(input);
        } catch (Throwable thrown) {
            if (!refusal.isInstance(thrown)) {
                var shown = Arrays.copyOf(input, Math.min(input.length, SHOWN_BYTES));
                throw new AssertionError(
                        "%s, %s: %s for the input %s, which is \"%s\""
                                .formatted(
                                        name,
                                        which,
                                        thrown,
                                        HexFormat.of().formatHex(shown),
                                        new String(shown, StandardCharsets.ISO_8859_1)),
                        thrown);
            }
            assertThat(thrown.getMessage())
                    .as("%s, %s: what the user reads of %s", name, which, thrown)
                    .isNotBlank();
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
