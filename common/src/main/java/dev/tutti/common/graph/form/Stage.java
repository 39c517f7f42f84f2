package dev.tutti.common.graph.form;

import dev.tutti.common.nn.layer.Layer;

/**
 * One layer of a model in its graph.
 *
 * @param layer what the model has there
 * @param place its shapes and parameters
 * @param out what it gives, for every sample
 */
public record Stage(Layer layer, LayerPlace place, Rows out) {}
