package dev.tutti.common.report;

/** What a model is worth on some samples; the form depends on the targets. */
public sealed interface Report permits ClassReport, BinaryReport, ValueReport {
    /** Returns the number of samples. */
    int samples();
}
