/** Tables of text for a terminal. It uses no other package. */
@NullMarked
package dev.tutti.common.text;

import org.jspecify.annotations.NullMarked;
