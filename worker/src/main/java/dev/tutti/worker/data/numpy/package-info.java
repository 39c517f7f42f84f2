/**
 * NumPy's two file formats: an array in {@code .npy}, several in {@code .npz}. Knows no data
 * source; a refusal names the array, its caller the file.
 */
@NullMarked
package dev.tutti.worker.data.numpy;

import org.jspecify.annotations.NullMarked;
