package dev.tutti.common.average.attack;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;

/** The strengths that an optimized attack tries. */
final class Tries {
    /** Powers of two that the given strength is multiplied by. */
    private static final int FROM = -4;

    private static final int TO = 4;

    private Tries() {}

    /** Returns an attack for each strength, the weakest first. */
    static List<VectorAttack> of(double strength, DoubleFunction<VectorAttack> attack) {
        return IntStream.rangeClosed(FROM, TO)
                .mapToObj(power -> attack.apply(Math.scalb(strength, power)))
                .toList();
    }
}
