package dev.tutti.deploy.study;

import dev.tutti.deploy.study.Study.Combination;

/**
 * A run of a study whose settings fit together.
 *
 * @param combination its settings
 * @param name of its folder
 * @param steps that it takes
 */
record PlannedRun(Combination combination, String name, long steps) {}
