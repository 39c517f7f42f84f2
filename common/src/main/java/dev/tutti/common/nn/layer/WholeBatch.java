package dev.tutti.common.nn.layer;

import dev.tutti.common.average.batch.BatchStatistics;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a pass over a shard knows of the whole batch. Layers that normalise over the batch ask it
 * one after another, each once forward and once backward; the n-th question of a pass is round n.
 * At the first question whose answer is not known yet the pass is over: what its own samples
 * contribute to the answer is all that was wanted of it. Serves one pass.
 */
public final class WholeBatch {
    /** The samples of the pass are the whole batch. Serves any number of passes. */
    public static final WholeBatch ITSELF = new WholeBatch(List.of(), true);

    private final List<BatchStatistics> known;
    private final boolean itself;
    private int asked;
    private Optional<BatchStatistics> contribution = Optional.empty();

    private WholeBatch(List<BatchStatistics> known, boolean itself) {
        this.known = List.copyOf(known);
        this.itself = itself;
    }

    /** Returns a batch of which the answers of the first rounds are known. */
    public static WholeBatch of(List<BatchStatistics> known) {
        return new WholeBatch(known, false);
    }

    /**
     * Returns the answer of the next round over the batch; empty if it is not known, which ends the
     * pass: the layer returns at once.
     *
     * @param own computes what the samples of the pass contribute, if that is needed
     */
    Optional<BatchStatistics> ask(Supplier<BatchStatistics> own) {
        if (itself) {
            return Optional.of(own.get());
        }
        if (asked < known.size()) {
            return Optional.of(known.get(asked++));
        }
        contribution = Optional.of(own.get());
        return Optional.empty();
    }

    /** Tells whether the pass has come to a question whose answer is not known. */
    boolean endsPass() {
        return contribution.isPresent();
    }

    /** Returns what the samples of the pass contribute to the answer that is not known yet. */
    public Optional<BatchStatistics> contribution() {
        return contribution;
    }
}
