/**
 * Cells of a table on their way to floats: where they wait, what stands for a missing value, and
 * whether the first line is a header. It knows no source.
 */
@NullMarked
package dev.tutti.worker.data.table;

import org.jspecify.annotations.NullMarked;
