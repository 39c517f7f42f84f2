package dev.tutti.common.nn;

import static dev.tutti.common.kernel.Transpose.NO;
import static dev.tutti.common.kernel.Transpose.YES;

import dev.tutti.common.kernel.Floats;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;

/**
 * Fully connected layer: z = a·Wᵀ + b, with W stored units × inputs as PyTorch's {@code Linear}
 * (BACKPROP.md, "Notation" and "Backward").
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

    @Override
    public void forward(Site site, MemorySegment in, MemorySegment out) {
        var inputs = site.input().size();
        var outputs = site.output().size();
        var weight = Floats.slice(site.weights(), 0, (long) outputs * inputs);
        var bias = Floats.slice(site.weights(), (long) outputs * inputs, outputs);
        // The product is added to the bias, which is cheaper than a pass that adds the bias.
        Rows.repeat(bias, site.samples(), out);
        site.kernel().multiply(NO, YES, site.samples(), outputs, inputs, in, weight, 1f, out);
    }

    @Override
    public void backward(
            Site site,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var inputs = site.input().size();
        var outputs = site.output().size();
        var samples = site.samples();
        var weight = Floats.slice(site.weights(), 0, (long) outputs * inputs);
        var weightGradient = Floats.slice(site.gradient(), 0, (long) outputs * inputs);
        var biasGradient = Floats.slice(site.gradient(), (long) outputs * inputs, outputs);
        site.kernel()
                .multiply(YES, NO, outputs, inputs, samples, outGradient, in, 0f, weightGradient);
        Rows.sum(outGradient, samples, outputs, biasGradient);
        if (site.wantsInputGradient()) {
            site.kernel()
                    .multiply(
                            NO, NO, samples, inputs, outputs, outGradient, weight, 0f, inGradient);
        }
    }
}
