package dev.tutti.common.graph.check;

import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.LayerCall;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A layer with one of its derivatives one percent off.
 *
 * @param layer the layer
 * @param parameter index of the trained parameter whose gradient is wrong, or {@link #INPUT}
 */
record Broken(Layer layer, int parameter) implements Layer {
    /** Stands for the gradient with respect to the layer's input. */
    static final int INPUT = -1;

    private static final float FACTOR = 1.01f;

    @Override
    public Shape outputShape(Shape input) {
        return layer.outputShape(input);
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        return layer.parameters(input);
    }

    @Override
    public long scratchFloats(Shape input, int samples) {
        return layer.scratchFloats(input, samples);
    }

    @Override
    public boolean mixesSamples() {
        return layer.mixesSamples();
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        layer.forward(call, in, out);
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        layer.backward(call, in, out, outGradient, inGradient);
        if (parameter == INPUT) {
            scale(inGradient);
        } else {
            scale(sliceOf(call));
        }
    }

    private MemorySegment sliceOf(LayerCall call) {
        var trained =
                layer.parameters(call.input()).stream()
                        .filter(declared -> declared.kind() == Parameter.Kind.TRAINED)
                        .toList();
        var offset = trained.stream().limit(parameter).mapToInt(p -> p.shape().size()).sum();
        return Floats.slice(call.gradient(), offset, trained.get(parameter).shape().size());
    }

    private static void scale(MemorySegment out) {
        for (var i = 0L; i < Floats.count(out); i++) {
            Floats.set(out, i, FACTOR * Floats.get(out, i));
        }
    }

    /** A loss whose derivative is one percent off. */
    record BrokenLoss(Loss loss) implements Loss {
        @Override
        public Targets.Kind targets() {
            return loss.targets();
        }

        @Override
        public double cost(
                int samples,
                int width,
                MemorySegment output,
                MemorySegment target,
                MemorySegment gradient) {
            var cost = loss.cost(samples, width, output, target, gradient);
            scale(gradient);
            return cost;
        }
    }
}
