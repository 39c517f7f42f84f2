package dev.tutti.common.step.run;

/** A part of the data that a run evaluates on. */
public enum Part {
    VALIDATION,
    TEST
}
