/** The average: sums and counts over one fixed tree of shards, divided once. */
@NullMarked
package dev.tutti.common.average;

import org.jspecify.annotations.NullMarked;
