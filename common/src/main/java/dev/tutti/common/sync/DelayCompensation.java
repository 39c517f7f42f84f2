package dev.tutti.common.sync;

/**
 * What is added to a gradient g of weights w_then when its step is taken with the weights w_now: λ
 * · g ⊙ g ⊙ (w_now − w_then), a cheap estimate of how the gradient has changed since (Zheng et al.
 * 2017, "Asynchronous stochastic gradient descent with delay compensation", equation 10).
 *
 * @param lambda λ; of an adaptive one λ₀, with λ = λ₀ / √(s + ε)
 * @param average m of an adaptive one, for each coordinate s = m · s + (1 − m) · g²; 0 for none
 */
public record DelayCompensation(double lambda, double average) {
    /** ε, as in the paper's experiments. */
    public static final double EPSILON = 1e-7;

    /** Tells whether λ follows the size of the gradients. */
    public boolean isAdaptive() {
        return average > 0;
    }
}
