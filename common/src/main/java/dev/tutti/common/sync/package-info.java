/**
 * Who is waited for: the modes of training, which say what tasks a step is made of, and the clock,
 * which says when each task ends. Both are models: a schedule is a pure function of texts and a
 * seed, so it is the same on every machine. It uses {@code plugin} and {@code random}.
 */
@NullMarked
package dev.tutti.common.sync;

import org.jspecify.annotations.NullMarked;
