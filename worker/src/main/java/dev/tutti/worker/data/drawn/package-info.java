/**
 * Data that needs no file of the user: the digits inside the program, and problems that are drawn
 * from a seed. It uses {@code source}.
 */
@NullMarked
package dev.tutti.worker.data.drawn;

import org.jspecify.annotations.NullMarked;
