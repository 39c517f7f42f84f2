/**
 * Numbers outside the heap: vectors of floats or of 16-bit floats, loops over them in blocks that
 * fit into the first-level cache, functions of one element with the same bits on every machine, and
 * the shape that a vector has. It uses no other package.
 */
@NullMarked
package dev.tutti.common.vector;

import org.jspecify.annotations.NullMarked;
