/**
 * The forms of layers and losses over doubles: each as nodes of the graph, and a whole model of
 * them. It uses the graph alone.
 */
@NullMarked
package dev.tutti.common.graph.form;

import org.jspecify.annotations.NullMarked;
