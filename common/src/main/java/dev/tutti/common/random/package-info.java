/**
 * Random numbers that follow from a seed alone, the same in every process. It uses no other
 * package.
 */
@NullMarked
package dev.tutti.common.random;

import org.jspecify.annotations.NullMarked;
