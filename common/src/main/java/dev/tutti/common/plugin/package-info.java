/** Plug-ins: records that are built from a text such as {@code sgd(rate=0.1)} and print as one. */
@NullMarked
package dev.tutti.common.plugin;

import org.jspecify.annotations.NullMarked;
