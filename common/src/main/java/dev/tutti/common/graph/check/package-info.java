/**
 * A model's gradients beside three independent computations of them. It uses the graph and its
 * forms.
 */
@NullMarked
package dev.tutti.common.graph.check;

import org.jspecify.annotations.NullMarked;
