/** File formats as functions between bytes and values. */
@NullMarked
package dev.tutti.common.format;

import org.jspecify.annotations.NullMarked;
