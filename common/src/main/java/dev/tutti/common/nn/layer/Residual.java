package dev.tutti.common.nn.layer;

import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Layers with a way around them: y = x + f(x) (He et al. 2016). The gradients of both ways add up.
 * Its parameters are named as those of a PyTorch {@code nn.Sequential} in its place.
 *
 * @param layers f, which must give the shape that it takes
 */
public record Residual(List<Layer> layers) implements Layer {
    /** Refuses an empty way through. */
    public Residual {
        layers = List.copyOf(layers);
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("needs at least one layer");
        }
        if (layers.stream().anyMatch(Embedding.class::isInstance)) {
            throw new IllegalArgumentException("cannot hold an embedding: put it in front");
        }
    }

    @Override
    public Shape outputShape(Shape input) {
        var output = Chain.of(layers, input).output();
        if (!output.equals(input)) {
            throw new IllegalArgumentException(
                    "needs layers that give the shape they take: took %s, gave %s"
                            .formatted(input, output));
        }
        return output;
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        return Chain.of(layers, input).parameters();
    }

    @Override
    public long scratchFloats(Shape input, int samples) {
        return Chain.of(layers, input).scratchFloats(samples);
    }

    @Override
    public boolean mixesSamples() {
        return layers.stream().anyMatch(Layer::mixesSamples);
    }

    @Override
    public List<BatchRound> roundsOverBatch(Shape input) {
        return Chain.of(layers, input).roundsOverBatch();
    }

    @Override
    public boolean takesBf16() {
        return true;
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var through = Chain.of(layers, call.input()).forward(call, in);
        if (call.pass().isOver()) {
            return;
        }
        Floats.add(in, through, out);
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var chain = Chain.of(layers, call.input());
        Floats.copy(outGradient, chain.outGradient(call));
        chain.backward(call, in, inGradient);
        if (call.wantsInputGradient() && !call.pass().isOver()) {
            Floats.add(outGradient, inGradient);
        }
    }
}
