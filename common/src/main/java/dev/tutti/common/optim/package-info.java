/** Optimizers: from the mean gradient to the next weights. */
@NullMarked
package dev.tutti.common.optim;

import org.jspecify.annotations.NullMarked;
