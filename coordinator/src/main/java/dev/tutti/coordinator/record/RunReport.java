package dev.tutti.coordinator.record;

import dev.tutti.common.report.Report;

/**
 * What a run's final weights are worth.
 *
 * @param part of the data: "test", or "validation" if there are no test samples
 * @param figures over its samples
 */
public record RunReport(String part, Report figures) {}
