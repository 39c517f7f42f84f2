package dev.tutti.common.nn;

/** Transcendental functions over floats with the same bits everywhere. */
final class FloatMath {
    private FloatMath() {}

    static float exp(float x) {
        return (float) StrictMath.exp(x);
    }

    static float log(float x) {
        return (float) StrictMath.log(x);
    }

    static float log1p(float x) {
        return (float) StrictMath.log1p(x);
    }

    static float tanh(float x) {
        return (float) StrictMath.tanh(x);
    }

    static float sigmoid(float x) {
        return (float) (1 / (1 + StrictMath.exp(-x)));
    }

    /** The error function, by its Maclaurin series; beyond 4 it is 1 in float precision. */
    static float erf(float x) {
        if (Math.abs(x) > 4f) {
            return Math.signum(x);
        }
        var term = (double) x;
        var sum = term;
        for (var n = 1; n < 100; n++) {
            term *= -(double) x * x / n;
            sum += term / (2 * n + 1);
        }
        return (float) (2 / StrictMath.sqrt(StrictMath.PI) * sum);
    }
}
