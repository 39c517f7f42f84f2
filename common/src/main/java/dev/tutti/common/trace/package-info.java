/**
 * One step of a small net, drawn for a reader: its graph as text and as SVG. It uses {@code graph}.
 */
@NullMarked
package dev.tutti.common.trace;

import org.jspecify.annotations.NullMarked;
