/**
 * Averaging rules: how several vectors become one. Each is one record in one file, and one line in
 * {@link dev.tutti.common.average.rule.AveragingRules}. A rule never meets a chunk, a thread or
 * memory outside the heap. Of {@code average} it uses the package {@code mixing}, for the Gram
 * matrix.
 */
@NullMarked
package dev.tutti.common.average.rule;

import org.jspecify.annotations.NullMarked;
