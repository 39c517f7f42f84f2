/**
 * The coordinator's machine: admission, what comes in and whether it counts, and the order of
 * works. A late contribution is refused here. It uses {@code run}, {@code course}, {@code message}
 * and {@code lease}.
 */
@NullMarked
package dev.tutti.common.step.coordinate;

import org.jspecify.annotations.NullMarked;
