/** Tests of the computational graph and of the oracles built on it. */
@NullMarked
package dev.tutti.common.graph;

import org.jspecify.annotations.NullMarked;
