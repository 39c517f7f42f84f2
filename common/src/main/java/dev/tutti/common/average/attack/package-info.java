/**
 * Attacks: what faulty shards send instead of their gradients. Each is one record in one file, and
 * one line in {@link dev.tutti.common.average.attack.Attacks}. Of {@code average} it uses the
 * package {@code mixing}, for the Gram matrix.
 */
@NullMarked
package dev.tutti.common.average.attack;

import org.jspecify.annotations.NullMarked;
