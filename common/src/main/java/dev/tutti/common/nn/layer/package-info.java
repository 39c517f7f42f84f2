/**
 * Layers: one record for each, forward and backward side by side, and the chain that runs them. It
 * uses {@code init} and {@code loss}, and knows no model.
 */
@NullMarked
package dev.tutti.common.nn.layer;

import org.jspecify.annotations.NullMarked;
