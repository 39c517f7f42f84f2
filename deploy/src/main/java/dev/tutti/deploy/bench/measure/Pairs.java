package dev.tutti.deploy.bench.measure;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Two programs measured in turn, A B A B …: what disturbs the machine for longer than one
 * measurement meets both of a pair.
 *
 * @param ours Tutti's value in each pair
 * @param theirs the peer's
 */
public record Pairs(List<Double> ours, List<Double> theirs) {
    /** Copies the values, of which both must have as many. */
    public Pairs {
        ours = List.copyOf(ours);
        theirs = List.copyOf(theirs);
        if (ours.size() != theirs.size()) {
            throw new IllegalArgumentException(
                    "pairs of %d and %d values".formatted(ours.size(), theirs.size()));
        }
    }

    /** Returns ours by theirs, pair by pair. */
    public Spread ratio() {
        return Spread.of(
                IntStream.range(0, ours.size())
                        .mapToObj(pair -> ours.get(pair) / theirs.get(pair))
                        .toList());
    }

    /** Returns theirs by ours, pair by pair. */
    public Spread inverseRatio() {
        return new Pairs(theirs, ours).ratio();
    }
}
