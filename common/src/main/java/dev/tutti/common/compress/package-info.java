/**
 * Compressors: what a virtual worker sends in place of its gradient, and how that is written in few
 * bytes. May use vectors, random numbers and plug-ins.
 */
@NullMarked
package dev.tutti.common.compress;

import org.jspecify.annotations.NullMarked;
