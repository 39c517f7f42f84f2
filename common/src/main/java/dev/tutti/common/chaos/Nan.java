package dev.tutti.common.chaos;

/** A gradient has a NaN in it, as from a bad memory. */
public record Nan(int worker, long step) implements ComputeFault {}
