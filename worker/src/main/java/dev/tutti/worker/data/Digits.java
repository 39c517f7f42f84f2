package dev.tutti.worker.data;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Shape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
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
        var lines = lines();
        var shape = Shape.of(1, 8, 8);
        var features = Floats.allocate(arena, (long) lines.size() * shape.size());
        var labels = arena.allocate(JAVA_INT, lines.size());
        for (var row = 0; row < lines.size(); row++) {
            var cells = lines.get(row).split(",", -1);
            for (var i = 0; i < shape.size(); i++) {
                Floats.set(
                        features,
                        (long) row * shape.size() + i,
                        Integer.parseInt(cells[i]) / WHITE);
            }
            labels.setAtIndex(JAVA_INT, row, Integer.parseInt(cells[shape.size()]));
        }
        return new Dataset(
                NAME,
                shape,
                lines.size(),
                0,
                List.of(),
                new Features.Reals(features),
                new Targets.Labels(
                        IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList(), labels));
    }

    private static List<String> lines() {
        var resource = Digits.class.getResourceAsStream("digits.csv.gz");
        try (var in = new GZIPInputStream(Objects.requireNonNull(resource));
                var text =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            return text.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the program's own digits.csv.gz cannot be read", e);
        }
    }
}
