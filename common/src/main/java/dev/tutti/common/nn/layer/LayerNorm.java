package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.nn.loss.Rows;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Normalises each sample over all its elements, then scales and shifts each, as PyTorch's {@code
 * LayerNorm} of the sample's shape: y = γ x̂ + β with x̂ = (x − mean)/√(variance + ε) (Ba et al.
 * 2016).
 *
 * <p>With g = γ ∂C/∂y: ∂C/∂x = (g − mean(g) − x̂ mean(g x̂))/√(variance + ε).
 *
 * @param epsilon ε
 */
public record LayerNorm(@Default("1.0E-5") double epsilon) implements Layer {
    /** Refuses an epsilon that is not above 0. */
    public LayerNorm {
        Bounds.positive("epsilon", epsilon);
    }

    @Override
    public Shape outputShape(Shape input) {
        return input;
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        return List.of(Parameter.one("weight", input), Parameter.zero("bias", input));
    }

    /** Each sample's mean and 1/√(variance + ε), then one row of x̂ and one of g. */
    @Override
    public long scratchFloats(Shape input, int samples) {
        return 2L * samples + 2L * input.size();
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var width = call.input().size();
        for (var row = 0; row < call.samples(); row++) {
            var at = (long) row * width;
            var mean = Rows.sum(at, width, in) / width;
            var variance = Rows.squares(mean, at, width, in) / width;
            var factor = (float) (1 / Math.sqrt(variance + epsilon));
            Floats.set(call.scratch(), 2L * row, (float) mean);
            Floats.set(call.scratch(), 2L * row + 1, factor);
            normalize((float) mean, factor, at, width, in, call.weights(), out);
        }
    }

    private static void normalize(
            float mean,
            float factor,
            long at,
            int width,
            MemorySegment in,
            MemorySegment weights,
            MemorySegment out) {
        for (long i = 0; i < width; i++) {
            var normal = (Floats.get(in, at + i) - mean) * factor;
            Floats.set(
                    out, at + i, normal * Floats.get(weights, i) + Floats.get(weights, width + i));
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var width = call.input().size();
        var normals = Floats.slice(call.scratch(), 2L * call.samples(), width);
        var scaled = Floats.slice(call.scratch(), 2L * call.samples() + width, width);
        call.gradient().fill((byte) 0);
        for (var row = 0; row < call.samples(); row++) {
            var at = (long) row * width;
            var mean = Floats.get(call.scratch(), 2L * row);
            var factor = Floats.get(call.scratch(), 2L * row + 1);
            normals(mean, factor, at, width, in, normals);
            parameterGradients(at, width, normals, outGradient, call.gradient());
            if (call.wantsInputGradient()) {
                scaled(at, width, outGradient, call.weights(), scaled);
                inputGradient(factor, at, width, normals, scaled, inGradient);
            }
        }
    }

    private static void normals(
            float mean, float factor, long at, int width, MemorySegment in, MemorySegment out) {
        for (long i = 0; i < width; i++) {
            Floats.set(out, i, (Floats.get(in, at + i) - mean) * factor);
        }
    }

    private static void parameterGradients(
            long at,
            int width,
            MemorySegment normals,
            MemorySegment outGradient,
            MemorySegment out) {
        for (long i = 0; i < width; i++) {
            var g = Floats.get(outGradient, at + i);
            Floats.set(out, i, Floats.get(out, i) + g * Floats.get(normals, i));
            Floats.set(out, width + i, Floats.get(out, width + i) + g);
        }
    }

    private static void scaled(
            long at,
            int width,
            MemorySegment outGradient,
            MemorySegment weights,
            MemorySegment out) {
        for (long i = 0; i < width; i++) {
            Floats.set(out, i, Floats.get(outGradient, at + i) * Floats.get(weights, i));
        }
    }

    private static void inputGradient(
            float factor,
            long at,
            int width,
            MemorySegment normals,
            MemorySegment scaled,
            MemorySegment out) {
        var mean = (float) (Rows.sum(0, width, scaled) / width);
        var alongNormal = (float) (Rows.dot(0, 0, width, normals, scaled) / width);
        inputGradient(mean, alongNormal, factor, at, width, normals, scaled, out);
    }

    private static void inputGradient(
            float mean,
            float alongNormal,
            float factor,
            long at,
            int width,
            MemorySegment normals,
            MemorySegment scaled,
            MemorySegment out) {
        for (long i = 0; i < width; i++) {
            var along = Floats.get(normals, i) * alongNormal;
            Floats.set(out, at + i, (Floats.get(scaled, i) - mean - along) * factor);
        }
    }
}
