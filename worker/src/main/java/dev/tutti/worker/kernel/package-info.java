/** The binaries of the fast kernels: found on the class path, unpacked, opened. */
@NullMarked
package dev.tutti.worker.kernel;

import org.jspecify.annotations.NullMarked;
