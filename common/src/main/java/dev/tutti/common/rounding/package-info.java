/** Roundings: what gradients are rounded to before they are added, and how that is written. */
@NullMarked
package dev.tutti.common.rounding;

import org.jspecify.annotations.NullMarked;
