package dev.tutti.common.nn.layer;

import static dev.tutti.common.kernel.Transpose.NO;
import static dev.tutti.common.kernel.Transpose.YES;

import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.nn.loss.Rows;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Convolution over images, as PyTorch's {@code Conv2d}: for each image, channels × places = W ·
 * columns + b, with the columns of {@link Columns}. Its gradients are those of a dense layer: ∂C/∂W
 * = δ · columnsᵀ, ∂C/∂columns = Wᵀ · δ.
 *
 * @param channels of the output
 * @param kernel height and width of the window
 * @param stride pixels from one place to the next
 * @param padding zeros around the image
 */
public record Conv2d(int channels, int kernel, @Default("1") int stride, @Default("0") int padding)
        implements Layer {
    /** Refuses sizes that make no window. */
    public Conv2d {
        Bounds.atLeast("channels", 1, channels);
        Bounds.atLeast("kernel", 1, kernel);
        Bounds.atLeast("stride", 1, stride);
        Bounds.atLeast("padding", 0, padding);
        if (padding >= kernel) {
            throw new IllegalArgumentException(
                    "padding must be below the kernel's %d, was %d".formatted(kernel, padding));
        }
    }

    private Window window(Shape input) {
        return Window.over(input, kernel, stride, padding);
    }

    @Override
    public Shape outputShape(Shape input) {
        var window = window(input);
        return Shape.of(channels, window.rows(), window.columns());
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        var shape = Shape.of(channels, input.extent(0), kernel, kernel);
        var fanIn = window(input).pixels();
        return List.of(
                Parameter.drawn("weight", shape, fanIn, channels * kernel * kernel),
                Parameter.zero("bias", Shape.of(channels)));
    }

    /** The columns of one image, their gradient, and the planes between. */
    @Override
    public long scratchFloats(Shape input, int samples) {
        var window = window(input);
        return window.isPixel() ? 0 : 2 * columnFloats(window) + Columns.planeFloats(window);
    }

    private static long columnFloats(Window window) {
        return (long) window.pixels() * window.places();
    }

    private MemorySegment weightIn(MemorySegment vector, Window window) {
        return Floats.slice(vector, 0, (long) channels * window.pixels());
    }

    private MemorySegment biasIn(MemorySegment vector, Window window) {
        return Floats.slice(vector, (long) channels * window.pixels(), channels);
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var window = window(call.input());
        var places = window.places();
        var weight = weightIn(call.weights(), window);
        var bias = biasIn(call.weights(), window);
        for (var sample = 0; sample < call.samples(); sample++) {
            var columns = columns(call, window, sample, in);
            var image = row(out, sample, channels * places);
            call.kernel()
                    .multiply(
                            NO, NO, channels, places, window.pixels(), weight, columns, 0f, image);
            for (var channel = 0; channel < channels; channel++) {
                Rows.add(Floats.get(bias, channel), (long) channel * places, places, image);
            }
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var window = window(call.input());
        var places = window.places();
        var pixels = window.pixels();
        var weightGradient = weightIn(call.gradient(), window);
        for (var sample = 0; sample < call.samples(); sample++) {
            var columns = columns(call, window, sample, in);
            var delta = row(outGradient, sample, channels * places);
            var beta = sample == 0 ? 0f : 1f;
            call.kernel()
                    .multiply(
                            NO,
                            YES,
                            channels,
                            pixels,
                            places,
                            delta,
                            columns,
                            beta,
                            weightGradient);
            if (call.wantsInputGradient()) {
                inputGradient(call, window, sample, delta, inGradient);
            }
        }
        biasGradient(call.samples(), places, outGradient, biasIn(call.gradient(), window));
    }

    private void inputGradient(
            LayerCall call,
            Window window,
            int sample,
            MemorySegment delta,
            MemorySegment inGradient) {
        var image = row(inGradient, sample, window.imageFloats());
        var columns =
                window.isPixel()
                        ? image
                        : Floats.slice(call.scratch(), columnFloats(window), columnFloats(window));
        call.kernel()
                .multiply(
                        YES,
                        NO,
                        window.pixels(),
                        window.places(),
                        channels,
                        weightIn(call.weights(), window),
                        delta,
                        0f,
                        columns);
        if (!window.isPixel()) {
            image.fill((byte) 0);
            Columns.scatter(window, columns, planes(call, window), 0, image);
        }
    }

    private void biasGradient(int samples, int places, MemorySegment delta, MemorySegment out) {
        for (var channel = 0; channel < channels; channel++) {
            var sum = 0.0;
            for (var sample = 0; sample < samples; sample++) {
                sum += Rows.sum(((long) sample * channels + channel) * places, places, delta);
            }
            Floats.set(out, channel, (float) sum);
        }
    }

    private static MemorySegment columns(
            LayerCall call, Window window, int sample, MemorySegment in) {
        if (window.isPixel()) {
            return row(in, sample, window.imageFloats());
        }
        var columns = Floats.slice(call.scratch(), 0, columnFloats(window));
        var at = (long) sample * window.imageFloats();
        Columns.gather(window, in, at, planes(call, window), columns);
        return columns;
    }

    private static MemorySegment planes(LayerCall call, Window window) {
        return Floats.slice(call.scratch(), 2 * columnFloats(window), Columns.planeFloats(window));
    }

    private static MemorySegment row(MemorySegment matrix, int row, int width) {
        return Floats.slice(matrix, (long) row * width, width);
    }
}
