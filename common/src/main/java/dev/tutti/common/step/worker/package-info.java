/**
 * The worker process's machine: which lease is computed when, and what of its result is sent. It
 * uses {@code run}, {@code course}, {@code message} and {@code lease}.
 */
@NullMarked
package dev.tutti.common.step.worker;

import org.jspecify.annotations.NullMarked;
