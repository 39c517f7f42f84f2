/**
 * The small computational graph over doubles: the rules of gradient flow in reverse and in forward
 * mode, the oracle of the fast layers, and the worked example for a reader.
 */
@NullMarked
package dev.tutti.common.graph;

import org.jspecify.annotations.NullMarked;
