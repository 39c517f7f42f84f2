/**
 * Text with cells in lines: its encoding, what stands between the cells, how numbers are written.
 * It knows nothing of columns with names; {@code dev.tutti.worker.data} does.
 */
@NullMarked
package dev.tutti.worker.data.text;

import org.jspecify.annotations.NullMarked;
