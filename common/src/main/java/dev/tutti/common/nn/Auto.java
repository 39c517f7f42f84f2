package dev.tutti.common.nn;

import dev.tutti.common.data.Seeds;
import java.lang.foreign.MemorySegment;

/**
 * Normal, of the variance that suits the layer's place. Inside a model the size of the values is to
 * stay as it is from layer to layer: 2/fanIn before a rectifier (He et al. 2015), 2/(fanIn +
 * fanOut) before tanh and its kin (Glorot and Bengio 2010), 1/fanIn before another layer (LeCun et
 * al. 1998). The first layer and the last have no such duty, and get 1/(3 fanIn), as PyTorch's
 * layers.
 *
 * <p>Large weights at the end make a model that is sure of its wrong answers before the first step,
 * and much of the training goes into taking that back. Large weights at the start make one that
 * changes quickly between neighbouring samples, and learns small datasets by heart.
 */
public record Auto() implements Initializer {
    @Override
    public void fill(Parameter parameter, Seeds random, MemorySegment out) {
        Initializers.normal(variance(parameter), random, out);
    }

    private static double variance(Parameter parameter) {
        double fanIn = parameter.fanIn();
        if (parameter.first()) {
            return 1 / (3 * fanIn);
        }
        return switch (parameter.follower()) {
            case RECTIFIER -> 2 / fanIn;
            case SATURATING -> 2 / (fanIn + parameter.fanOut());
            case LAYER, UNKNOWN -> 1 / fanIn;
            case END -> 1 / (3 * fanIn);
        };
    }
}
