package dev.tutti.common.graph;

/**
 * A node's operation z = h(x₀, x₁, …), with its forward value and its local derivatives ∂z/∂x_i
 * side by side (BACKPROP.md, "Derivatives flow along a graph").
 *
 * <p>The gradient ∂L/∂z that arrives at the node leaves it through operand i as ∂L/∂z · ∂z/∂x_i:
 * what each rule is called in the literature (add passes on, multiply swaps, max switches) is what
 * its {@link #derivative} says.
 */
public sealed interface Operation extends Node {
    /** Returns z. */
    double value(Operands x);

    /**
     * Returns ∂z/∂x_operand.
     *
     * @param z the value that the forward pass found
     */
    double derivative(int operand, Operands x, double z);

    /**
     * Returns which piece of a piecewise operation {@code x} lies on. Between two pieces there is a
     * kink, and a finite difference across it is no derivative.
     */
    default int piece(Operands x) {
        return 0;
    }

    /** Σ x_i: passes the gradient on, unchanged, to every operand. */
    record Add() implements Operation {
        @Override
        public double value(Operands x) {
            var sum = 0.0;
            for (var i = 0; i < x.count(); i++) {
                sum += x.at(i);
            }
            return sum;
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return 1;
        }
    }

    /** x₀·x₁: each operand gets the gradient times the other one. */
    record Multiply() implements Operation {
        @Override
        public double value(Operands x) {
            return x.at(0) * x.at(1);
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return x.at(1 - operand);
        }
    }

    /** x₀ / x₁. */
    record Divide() implements Operation {
        @Override
        public double value(Operands x) {
            return x.at(0) / x.at(1);
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return operand == 0 ? 1 / x.at(1) : -z / x.at(1);
        }
    }

    /** −x. */
    record Negate() implements Operation {
        @Override
        public double value(Operands x) {
            return -x.at(0);
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return -1;
        }
    }

    /** e to the power of x. */
    record Exp() implements Operation {
        @Override
        public double value(Operands x) {
            return StrictMath.exp(x.at(0));
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return z;
        }
    }

    /** Natural logarithm. */
    record Log() implements Operation {
        @Override
        public double value(Operands x) {
            return StrictMath.log(x.at(0));
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return 1 / x.at(0);
        }
    }

    /** Square root. */
    record Sqrt() implements Operation {
        @Override
        public double value(Operands x) {
            return StrictMath.sqrt(x.at(0));
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return 0.5 / z;
        }
    }

    /** The larger of two: switches the gradient to it, the first one if they are equal. */
    record Max() implements Operation {
        @Override
        public double value(Operands x) {
            return x.at(piece(x));
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return operand == piece(x) ? 1 : 0;
        }

        @Override
        public int piece(Operands x) {
            return x.at(0) >= x.at(1) ? 0 : 1;
        }
    }

    /** |x|, with derivative 0 at 0. */
    record Abs() implements Operation {
        @Override
        public double value(Operands x) {
            return Math.abs(x.at(0));
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return piece(x);
        }

        @Override
        public int piece(Operands x) {
            return (int) Math.signum(x.at(0));
        }
    }

    /** σ(x) = 1 / (1 + e⁻ˣ): multiplies the gradient by z(1 − z). */
    record Sigmoid() implements Operation {
        @Override
        public double value(Operands x) {
            return 1 / (1 + StrictMath.exp(-x.at(0)));
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return z * (1 - z);
        }
    }

    /** Hyperbolic tangent: multiplies the gradient by 1 − z². */
    record Tanh() implements Operation {
        @Override
        public double value(Operands x) {
            return StrictMath.tanh(x.at(0));
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return 1 - z * z;
        }
    }

    /** Error function, 2/√π · ∫₀ˣ e^(−t²) dt. */
    record Erf() implements Operation {
        private static final double SLOPE_AT_ZERO = 2 / StrictMath.sqrt(StrictMath.PI);

        /** Beyond it erf is ±1 to the last bit of a double. */
        private static final double LARGEST = 6;

        @Override
        public double value(Operands x) {
            var t = x.at(0);
            if (!(Math.abs(t) < LARGEST)) {
                return Math.signum(t);
            }
            // erf t = 2/√π · e^(−t²) · Σ 2ⁿ t²ⁿ⁺¹ / (1·3·…·(2n+1)); its terms have one sign, so
            // nothing cancels (Abramowitz and Stegun 1964, 7.1.6).
            var term = t;
            var sum = t;
            for (var n = 1; Math.abs(term) > Math.ulp(sum) / 4; n++) {
                term *= 2 * t * t / (2 * n + 1);
                sum += term;
            }
            return SLOPE_AT_ZERO * StrictMath.exp(-t * t) * sum;
        }

        @Override
        public double derivative(int operand, Operands x, double z) {
            return SLOPE_AT_ZERO * StrictMath.exp(-x.at(0) * x.at(0));
        }
    }
}
