/** What a worker computes: a lease and weights go in, sums come out. It uses {@code run}. */
@NullMarked
package dev.tutti.common.step.compute;

import org.jspecify.annotations.NullMarked;
