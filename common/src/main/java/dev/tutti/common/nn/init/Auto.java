package dev.tutti.common.nn.init;

import dev.tutti.common.random.Seeds;
import java.lang.foreign.MemorySegment;

/**
 * Normal, of the variance that suits what follows the layer. The size of the values is to stay as
 * it is from layer to layer: 2/fanIn before a rectifier (He et al. 2015), 2/(fanIn + fanOut) before
 * tanh and its kin (Glorot and Bengio 2010), 1/fanIn before any other layer (LeCun et al. 1998).
 *
 * <p>The last layer has 1/fanIn too. With the variance for a rectifier its outputs are larger: the
 * model is then sure of its wrong answers before the first step, and the first steps take that
 * back.
 */
public record Auto() implements Initializer {
    @Override
    public void fill(Parameter parameter, Seeds random, MemorySegment out) {
        Initializers.normal(variance(parameter), random, out);
    }

    private static double variance(Parameter parameter) {
        double fanIn = parameter.fanIn();
        return switch (parameter.follower()) {
            case RECTIFIER -> 2 / fanIn;
            case SATURATING -> 2 / (fanIn + parameter.fanOut());
            case LAYER, END, UNKNOWN -> 1 / fanIn;
        };
    }
}
