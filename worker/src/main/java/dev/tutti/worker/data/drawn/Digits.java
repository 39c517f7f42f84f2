package dev.tutti.worker.data.drawn;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * 1,797 handwritten digits of 8 × 8 grey values, which come with the program (Alpaydin and Kaynak
 * 1998; DIGITS.md beside the file has source and licence).
 */
public record Digits() implements DataSource {
    private static final String NAME = "digits";
    private static final int CLASSES = 10;
    private static final float WHITE = 16;

    @Override
    public String description() {
        return NAME;
    }

    @Override
    public boolean accepts(String source) {
        return source.equals(NAME);
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        options.requireNoColumns();
        var shape = Shape.of(1, 8, 8);
        var pixels = shape.size();
        var numbers = numbers(text());
        var count = numbers.length / (pixels + 1);
        var values = new float[count * pixels];
        var digits = new int[count];
        for (var row = 0; row < count; row++) {
            var from = row * (pixels + 1);
            for (var i = 0; i < pixels; i++) {
                values[row * pixels + i] = numbers[from + i] / WHITE;
            }
            digits[row] = numbers[from + pixels];
        }
        var features = Floats.of(arena, values);
        var labels = arena.allocateFrom(JAVA_INT, digits);
        return new Dataset(
                NAME,
                shape,
                count,
                0,
                List.of(),
                new Features.Reals(features),
                new Targets.Labels(
                        IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList(), labels));
    }

    /** Returns a line for each sample: its grey values, and what digit it is, with commas. */
    private static byte[] text() {
        var resource = Digits.class.getResourceAsStream("digits.csv.gz");
        try (var in = new GZIPInputStream(Objects.requireNonNull(resource))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the program's own digits.csv.gz cannot be read", e);
        }
    }

    /**
     * Returns the numbers of a text, each of which ends with a comma or a line: cut into strings
     * first, they took a tenth of a start.
     */
    private static int[] numbers(byte[] text) {
        var numbers = new int[text.length];
        var count = 0;
        var number = 0;
        for (var character : text) {
            if (character >= '0' && character <= '9') {
                number = 10 * number + character - '0';
            } else {
                numbers[count++] = number;
                number = 0;
            }
        }
        return Arrays.copyOf(numbers, count);
    }
}
