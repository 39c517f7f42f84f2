package dev.tutti.common.nn;

import dev.tutti.common.vector.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Cases that {@code deploy/golden/pytorch_cases.py} has written. */
public final class PyTorchCases {
    private PyTorchCases() {}

    /** One line: a key and its values. */
    public record Line(String key, String values) {
        /** Returns the values as floats. */
        public float[] floats() {
            var words = values.isEmpty() ? new String[0] : values.split(" ", -1);
            var floats = new float[words.length];
            for (var i = 0; i < words.length; i++) {
                floats[i] = Float.parseFloat(words[i]);
            }
            return floats;
        }

        /** Returns the values as a shape. */
        public Shape shape() {
            return new Shape(Arrays.stream(values.split(" ", -1)).map(Integer::valueOf).toList());
        }
    }

    /** One case: its lines in the file's order, the first of which says what it is about. */
    public record Case(List<Line> lines) {
        /** Returns the only line of this key. */
        public Line line(String key) {
            var found = all(key);
            if (found.size() != 1) {
                throw new AssertionError(
                        "%d lines of key %s in %s".formatted(found.size(), key, this));
            }
            return found.getFirst();
        }

        /** Returns all lines of this key, in order. */
        public List<Line> all(String key) {
            return lines.stream().filter(line -> line.key().equals(key)).toList();
        }

        /** Returns all lines whose key starts so, that start cut off, in order. */
        public List<Line> under(String prefix) {
            return lines.stream()
                    .filter(line -> line.key().startsWith(prefix))
                    .map(line -> new Line(line.key().substring(prefix.length()), line.values()))
                    .toList();
        }

        @Override
        public String toString() {
            return lines.getFirst().key() + " " + lines.getFirst().values();
        }
    }

    /** Returns the cases of a file beside {@code owner} that are about {@code topic}. */
    public static List<Case> read(Class<?> owner, String file, String topic) {
        var cases = new ArrayList<Case>();
        for (var block : text(owner, file).split("\n\n", -1)) {
            var lines = block.lines().map(PyTorchCases::line).toList();
            if (!lines.isEmpty() && lines.getFirst().key().equals(topic)) {
                cases.add(new Case(lines));
            }
        }
        return cases;
    }

    private static Line line(String line) {
        var end = line.indexOf(' ');
        return end < 0
                ? new Line(line, "")
                : new Line(line.substring(0, end), line.substring(end + 1));
    }

    private static String text(Class<?> owner, String file) {
        try (var stream = Objects.requireNonNull(owner.getResourceAsStream(file), file)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
