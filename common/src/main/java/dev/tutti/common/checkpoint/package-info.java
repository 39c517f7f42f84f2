/** A run's checkpoint as bytes: what it holds, and how a damaged one is told. */
@NullMarked
package dev.tutti.common.checkpoint;

import org.jspecify.annotations.NullMarked;
