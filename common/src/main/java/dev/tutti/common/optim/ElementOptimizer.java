package dev.tutti.common.optim;

/**
 * An optimizer whose step at an element follows from the same element of the gradient, the weights
 * and the slots. So it is taken over any range of the flat vector, as soon as its gradient is
 * known.
 */
public non-sealed interface ElementOptimizer extends Optimizer {
    /**
     * Returns what a step does, with all that is the same for every element worked out.
     *
     * @param step steps taken before this one
     * @param rate the rate of this step
     */
    BlockStep at(long step, double rate);
}
