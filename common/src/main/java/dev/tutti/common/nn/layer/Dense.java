package dev.tutti.common.nn.layer;

import static dev.tutti.common.kernel.Transpose.NO;
import static dev.tutti.common.kernel.Transpose.YES;

import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.nn.loss.Rows;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;

/**
 * Fully connected layer: z = a·Wᵀ + b, with W stored units × inputs as PyTorch's {@code Linear}
 * (BACKPROP.md, "Names" and "What it passes through: the layers").
 *
 * @param units outputs; empty only in a model's last dense layer, where the data decides
 */
public record Dense(OptionalInt units) implements Layer {
    /** Refuses fewer than one unit. */
    public Dense {
        if (units.isPresent() && units.getAsInt() < 1) {
            throw new IllegalArgumentException("units must be at least 1, was " + units.getAsInt());
        }
    }

    /** Returns a dense layer of {@code units} outputs. */
    public static Dense of(int units) {
        return new Dense(OptionalInt.of(units));
    }

    @Override
    public Shape outputShape(Shape input) {
        if (input.rank() != 1) {
            throw new IllegalArgumentException(
                    "takes a vector, found %s; put flatten in front".formatted(input));
        }
        return Shape.of(
                units.orElseThrow(
                        () -> new IllegalArgumentException("needs a number of units here")));
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        var inputs = input.size();
        var outputs = outputShape(input).size();
        return List.of(
                Parameter.drawn("weight", Shape.of(outputs, inputs), inputs, outputs),
                Parameter.zero("bias", Shape.of(outputs)));
    }

    /** The bias as floats, if it is not, and then its gradient. */
    @Override
    public long scratchFloats(Shape input, int samples) {
        return outputShape(input).size();
    }

    @Override
    public boolean takesBf16() {
        return true;
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var inputs = call.input().size();
        var outputs = call.output().size();
        var weight = call.weightElements().slice(0, (long) outputs * inputs);
        var bias = call.weightElements().slice((long) outputs * inputs, outputs);
        // The product is added to the bias, which is cheaper than a pass that adds the bias.
        Rows.repeat(bias.floats(call.scratch()), call.samples(), out);
        call.kernel()
                .multiply(
                        NO,
                        YES,
                        call.samples(),
                        outputs,
                        inputs,
                        Elements.of(in),
                        weight,
                        1f,
                        Elements.of(out));
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var inputs = call.input().size();
        var outputs = call.output().size();
        var samples = call.samples();
        var weight = call.weightElements().slice(0, (long) outputs * inputs);
        var weightGradient = call.gradientElements().slice(0, (long) outputs * inputs);
        var biasGradient = call.gradientElements().slice((long) outputs * inputs, outputs);
        var delta = Elements.of(outGradient);
        call.kernel()
                .multiply(
                        YES,
                        NO,
                        outputs,
                        inputs,
                        samples,
                        delta,
                        Elements.of(in),
                        0f,
                        weightGradient);
        var sums = Floats.slice(call.scratch(), 0, outputs);
        Rows.sum(outGradient, samples, outputs, sums);
        Elements.of(sums).copyTo(biasGradient);
        if (call.wantsInputGradient()) {
            call.kernel()
                    .multiply(
                            NO,
                            NO,
                            samples,
                            inputs,
                            outputs,
                            delta,
                            weight,
                            0f,
                            Elements.of(inGradient));
        }
    }
}
