package dev.tutti.worker.data.drawn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Drawn images of any size, for measuring where no data of that size is at hand: each class has a
 * pattern of its own, and a sample is its class's pattern half hidden under noise. {@code
 * synthetic(512,3x224x224,10)} has 512 samples of 3 × 224 × 224 in 10 classes, always the same.
 */
public record Synthetic() implements DataSource {
    private static final Pattern TEXT =
            Pattern.compile("synthetic\\((\\d{1,7}),(\\d{1,5}(?:x\\d{1,5}){0,3}),(\\d{1,5})\\)");
    private static final long SEED = 1;

    @Override
    public String description() {
        return "synthetic(SAMPLES,AxBxC,CLASSES)";
    }

    @Override
    public boolean accepts(String source) {
        return source.equals("synthetic") || source.startsWith("synthetic(");
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        options.requireNoColumns();
        var text = TEXT.matcher(options.source());
        if (!text.matches()) {
            throw new DataException(
                    "cannot read \"%s\"; expected such as synthetic(512,3x224x224,10)"
                            .formatted(options.source()));
        }
        return draw(options.source(), text, arena);
    }

    private static Dataset draw(String name, Matcher text, Arena arena) {
        var count = Integer.parseInt(text.group(1));
        var shape = shape(text.group(2));
        var classes = Integer.parseInt(text.group(3));
        if (count < 1 || classes < 1) {
            throw new DataException("%s has no samples or no classes".formatted(name));
        }
        var labels = arena.allocate(JAVA_INT, count);
        var bytes = arena.allocate((long) count * shape.size());
        for (var row = 0; row < count; row++) {
            var label = row % classes;
            labels.setAtIndex(JAVA_INT, row, label);
            var pattern = Seeds.of(SEED, "pattern", label);
            var noise = Seeds.of(SEED, "noise", row);
            for (var i = 0; i < shape.size(); i++) {
                // Two values below 128: their sum is a byte.
                var value = (pattern.nextLong() >>> 57) + (noise.nextLong() >>> 57);
                bytes.set(JAVA_BYTE, (long) row * shape.size() + i, (byte) value);
            }
        }
        return new Dataset(
                name,
                shape,
                count,
                0,
                List.of(),
                new Features.Bytes(bytes),
                new Targets.Labels(
                        IntStream.range(0, classes).mapToObj(String::valueOf).toList(), labels));
    }

    private static Shape shape(String text) {
        try {
            return Shape.parse(text);
        } catch (IllegalArgumentException e) {
            throw new DataException("synthetic: " + e.getMessage());
        }
    }
}
