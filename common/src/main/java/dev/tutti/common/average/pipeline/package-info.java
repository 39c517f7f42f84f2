/**
 * How a run makes one vector of its shards' vectors: first the attack, then the mixing, then the
 * averaging rule, in one pass over any stretch of the vectors. It uses the packages {@code attack},
 * {@code mixing} and {@code rule}.
 */
@NullMarked
package dev.tutti.common.average.pipeline;

import org.jspecify.annotations.NullMarked;
