package dev.tutti.common.average.observe;

import java.util.List;
import java.util.Optional;

/**
 * What was seen in a step.
 *
 * @param workers the virtual workers that had samples, in their order
 * @param seen how their gradients lay, if they were looked at
 * @param proof whether their mean is the gradient of the whole batch, if that was computed
 * @param digests of their gradients, if they are recorded
 */
public record Observation(
        List<Integer> workers,
        Optional<Seen> seen,
        Optional<Proof> proof,
        Optional<GradientDigests> digests) {
    /**
     * How the gradients lay to one another.
     *
     * @param whole over the whole gradient
     * @param layers over each layer
     * @param shadows what rules make of them: first the run's own, if it is not the mean
     */
    public record Seen(Agreement whole, List<Agreement> layers, List<Shadow> shadows) {
        /** Copies the lists. */
        public Seen {
            layers = List.copyOf(layers);
            shadows = List.copyOf(shadows);
        }
    }
}
