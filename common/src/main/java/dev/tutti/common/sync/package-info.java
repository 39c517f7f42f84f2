/**
 * Who is waited for: the modes of training, each of which orders the tasks of virtual workers in
 * its way. A mode is a pure function of texts and a seed, so it is the same on every machine. It
 * uses {@code plugin} and {@code random}.
 */
@NullMarked
package dev.tutti.common.sync;

import org.jspecify.annotations.NullMarked;
