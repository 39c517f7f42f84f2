package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A layer that tells one of its derivatives wrong by one percent, to show that the laws notice.
 *
 * @param broken index of the trained parameter whose gradient is wrong, or −1 for the input's
 */
record OnePercentOff(Layer honest, int broken) implements Layer {
    @Override
    public Shape outputShape(Shape input) {
        return honest.outputShape(input);
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        return honest.parameters(input);
    }

    @Override
    public long scratchFloats(Shape input, int samples) {
        return honest.scratchFloats(input, samples);
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        honest.forward(call, in, out);
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        honest.backward(call, in, out, outGradient, inGradient);
        var target = broken < 0 ? inGradient : gradientOf(call, broken);
        for (long i = 0; i < Floats.count(target); i++) {
            Floats.set(target, i, Floats.get(target, i) * 1.01f);
        }
    }

    private MemorySegment gradientOf(LayerCall call, int index) {
        var trained =
                parameters(call.input()).stream()
                        .filter(parameter -> parameter.kind() == Parameter.Kind.TRAINED)
                        .map(parameter -> parameter.shape().size())
                        .toList();
        var offset = trained.subList(0, index).stream().mapToInt(size -> size).sum();
        return Floats.slice(call.gradient(), offset, trained.get(index));
    }
}
