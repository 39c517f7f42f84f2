/**
 * Optimizers: from the mean gradient to the next weights. Each is one record in one file, and one
 * line in {@link dev.tutti.common.optim.Optimizers}. It treats each element by itself ({@link
 * dev.tutti.common.optim.ElementOptimizer}) or a whole tensor ({@link
 * dev.tutti.common.optim.TensorOptimizer}).
 */
@NullMarked
package dev.tutti.common.optim;

import org.jspecify.annotations.NullMarked;
