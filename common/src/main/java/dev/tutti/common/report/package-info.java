/**
 * What a model is worth on samples that it has not learned from: counts of its right and wrong
 * answers by class, and how far real values are off. Counts are whole numbers; sums of doubles are
 * added up in the order of the rows, so that the same weights always give the same figures.
 */
@NullMarked
package dev.tutti.common.report;

import org.jspecify.annotations.NullMarked;
