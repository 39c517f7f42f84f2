package dev.tutti.common.nn.layer;

/** Is told how far a backward pass has come, which goes from the last layer to the first. */
@FunctionalInterface
public interface BackwardProgress {
    /** For callers that only need the result. */
    BackwardProgress NONE = (_, _) -> {};

    /**
     * The gradient is final from this float of the flat vector on to its end; called at last with
     * 0.
     *
     * @param cost Σ C_i, which is known before any of the gradient
     */
    void known(long from, double cost);
}
