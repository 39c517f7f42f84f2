/** Layers, losses and the model that they form over one flat vector of parameters. */
@NullMarked
package dev.tutti.common.nn;

import dev.tutti.common.nn.layer.Layers;

import org.jspecify.annotations.NullMarked;
