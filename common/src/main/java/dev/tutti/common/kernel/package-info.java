/** Floats outside the heap and the matrix multiplication over them. */
@NullMarked
package dev.tutti.common.kernel;

import org.jspecify.annotations.NullMarked;
