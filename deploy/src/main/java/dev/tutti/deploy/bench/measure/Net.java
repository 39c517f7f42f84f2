package dev.tutti.deploy.bench.measure;

import dev.tutti.deploy.bench.peer.BenchException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A net of dense layers with rectifiers between them, over images of 28 × 28 in 10 classes.
 *
 * @param hidden units of the hidden layers
 * @param batch samples of a step, over all workers
 */
public record Net(List<Integer> hidden, int batch) {
    private static final int INPUTS = 784;
    private static final int OUTPUTS = 10;
    private static final Pattern TEXT = Pattern.compile("(\\d{1,5}(?:-\\d{1,5})*)@(\\d{1,6})");

    /** Copies the layers. */
    public Net {
        hidden = List.copyOf(hidden);
    }

    /**
     * Reads a net such as {@code 512-512@256}: hidden layers, and samples of a step.
     *
     * @throws BenchException if it is none
     */
    public static Net parse(String text) {
        var match = TEXT.matcher(text);
        if (!match.matches()) {
            throw new BenchException(
                    "--nets: cannot read \"%s\"; expected hidden layers and a batch, such as 512-512@256"
                            .formatted(text));
        }
        var hidden = Stream.of(match.group(1).split("-")).map(Integer::valueOf).toList();
        var batch = Integer.parseInt(match.group(2));
        if (hidden.contains(0) || batch == 0) {
            throw new BenchException("--nets: \"%s\" has an empty layer or batch".formatted(text));
        }
        return new Net(hidden, batch);
    }

    /** Returns it as {@code 784-512-512-10}. */
    public String name() {
        return layers("-");
    }

    /** Returns all widths, from the inputs to the outputs. */
    String layers(String separator) {
        return Stream.of(Stream.of(INPUTS), hidden.stream(), Stream.of(OUTPUTS))
                .flatMap(widths -> widths)
                .map(String::valueOf)
                .collect(Collectors.joining(separator));
    }

    /** Returns it as an option of {@code tutti train}; the data says how wide the last layer is. */
    String model() {
        return hidden.stream()
                        .map(units -> "dense(%d),relu,".formatted(units))
                        .collect(Collectors.joining())
                + "dense";
    }
}
