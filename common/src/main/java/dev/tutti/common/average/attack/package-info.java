/**
 * Attacks: what faulty shards send instead of their gradients. Each is one record in one file, and
 * one line in {@link dev.tutti.common.average.attack.Attacks}. It uses no other package of {@code
 * average}.
 */
@NullMarked
package dev.tutti.common.average.attack;

import org.jspecify.annotations.NullMarked;
