/**
 * Matrices: NumPy arrays and LibSVM's sparse rows. It uses {@code numpy}, {@code table}, {@code
 * source} and {@code target}.
 */
@NullMarked
package dev.tutti.worker.data.matrix;

import org.jspecify.annotations.NullMarked;
