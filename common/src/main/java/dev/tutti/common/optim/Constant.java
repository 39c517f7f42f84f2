package dev.tutti.common.optim;

/** The rate stays. */
public record Constant() implements Schedule {
    @Override
    public double factor(long step) {
        return 1;
    }
}
