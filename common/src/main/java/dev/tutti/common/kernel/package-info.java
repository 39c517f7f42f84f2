/** The matrix product: what a kernel is, its plain form, rounding, and fingerprints of its bits. */
@NullMarked
package dev.tutti.common.kernel;

import org.jspecify.annotations.NullMarked;
