/**
 * The average: sums and counts over one fixed tree of shards, divided once; or what another rule
 * makes of the shards' own vectors. What is done to the vectors is in the packages below, from the
 * bottom up: {@code mixing}, {@code rule}, {@code attack}, {@code pipeline} and {@code observe}.
 */
@NullMarked
package dev.tutti.common.average;

import org.jspecify.annotations.NullMarked;
