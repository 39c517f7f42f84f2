package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.layer.PassContext.Mode;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;

/**
 * Sets each element to zero with the given probability and scales the others by 1/(1 − rate), in
 * training only (Srivastava et al. 2014). Whether an element is dropped is a pure function of seed,
 * step, sample, layer and unit, so it does not matter which worker draws it.
 *
 * @param rate the probability
 */
public record Dropout(double rate) implements Layer {
    /** Refuses a rate outside 0 (included) to 1 (excluded). */
    public Dropout {
        Bounds.belowOne("rate", rate);
    }

    @Override
    public Shape outputShape(Shape input) {
        return input;
    }

    /** The mask: 0 or 1/(1 − rate) for each element. */
    @Override
    public long scratchFloats(Shape input, int samples) {
        return (long) samples * input.size();
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        if (call.pass().mode() == Mode.TRAINING) {
            draw(call);
            multiply(call.scratch(), in, out);
        } else {
            Floats.copy(in, out);
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        if (call.pass().mode() == Mode.TRAINING) {
            multiply(call.scratch(), outGradient, inGradient);
        } else {
            Floats.copy(outGradient, inGradient);
        }
    }

    private void draw(LayerCall call) {
        var pass = call.pass();
        var width = call.input().size();
        var kept = (float) (1 / (1 - rate));
        var threshold = (long) (rate * 0x1p32);
        for (var row = 0; row < call.samples(); row++) {
            var sample = pass.sampleAt().applyAsLong(row);
            var random = Seeds.of(pass.seed(), "dropout", pass.step(), sample, call.layer());
            draw(random, threshold, kept, (long) row * width, width, call.scratch());
        }
    }

    private static void draw(
            Seeds random, long threshold, float kept, long at, int width, MemorySegment out) {
        var bits = 0L;
        for (var unit = 0; unit < width; unit++) {
            // 32 bits decide a unit, so a draw serves two.
            bits = unit % 2 == 0 ? random.nextLong() : bits >>> 32;
            Floats.set(out, at + unit, (bits & 0xFFFFFFFFL) < threshold ? 0f : kept);
        }
    }

    private static void multiply(MemorySegment factors, MemorySegment in, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            Floats.set(out, i, Floats.get(in, i) * Floats.get(factors, i));
        }
    }
}
