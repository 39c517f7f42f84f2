/**
 * The fast kernels: bindings to oneDNN and to a BLAS, and their binaries, found on the class path,
 * unpacked and opened.
 */
@NullMarked
package dev.tutti.worker.kernel;

import org.jspecify.annotations.NullMarked;
