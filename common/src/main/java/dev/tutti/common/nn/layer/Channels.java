package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.loss.Rows;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/**
 * The channels of a batch: sample · count + channel is a plane of {@code size} neighbouring floats.
 * A plain vector is as many channels of size one.
 *
 * @param samples samples of the batch
 * @param count channels of a sample
 * @param size floats of a channel in one sample
 */
record Channels(int samples, int count, int size) {
    static Channels of(LayerCall call) {
        var count = call.input().extent(0);
        return new Channels(call.samples(), count, call.input().size() / count);
    }

    /** Returns how many floats of the batch one channel has. */
    long values() {
        return (long) samples * size;
    }

    private long plane(int sample, int channel) {
        return ((long) sample * count + channel) * size;
    }

    double sum(int channel, MemorySegment batch) {
        var sum = 0.0;
        for (var sample = 0; sample < samples; sample++) {
            sum += Rows.sum(plane(sample, channel), size, batch);
        }
        return sum;
    }

    /** Returns Σ (x − mean)². */
    double squares(int channel, double mean, MemorySegment batch) {
        var sum = 0.0;
        for (var sample = 0; sample < samples; sample++) {
            sum += Rows.squares(mean, plane(sample, channel), size, batch);
        }
        return sum;
    }

    /** Returns Σ g · (x − mean). */
    double along(int channel, float mean, MemorySegment batch, MemorySegment gradient) {
        var sum = 0.0;
        for (var sample = 0; sample < samples; sample++) {
            sum += Rows.dot(mean, plane(sample, channel), size, batch, gradient);
        }
        return sum;
    }

    /** Writes (x − mean) · scale + bias. */
    void normalize(
            int channel,
            float mean,
            float scale,
            float bias,
            MemorySegment batch,
            MemorySegment out) {
        for (var sample = 0; sample < samples; sample++) {
            normalize(plane(sample, channel), size, mean, scale, bias, batch, out);
        }
    }

    private static void normalize(
            long at,
            int size,
            float mean,
            float scale,
            float bias,
            MemorySegment batch,
            MemorySegment out) {
        for (var i = at; i < at + size; i++) {
            Floats.set(out, i, (Floats.get(batch, i) - mean) * scale + bias);
        }
    }

    /** Writes scale · (g − gradientMean − (x − mean) · along). */
    void inputGradient(
            int channel,
            float mean,
            float scale,
            float gradientMean,
            float along,
            MemorySegment batch,
            MemorySegment gradient,
            MemorySegment out) {
        for (var sample = 0; sample < samples; sample++) {
            inputGradient(
                    plane(sample, channel),
                    size,
                    mean,
                    scale,
                    gradientMean,
                    along,
                    batch,
                    gradient,
                    out);
        }
    }

    private static void inputGradient(
            long at,
            int size,
            float mean,
            float scale,
            float gradientMean,
            float along,
            MemorySegment batch,
            MemorySegment gradient,
            MemorySegment out) {
        for (var i = at; i < at + size; i++) {
            var centered = Floats.get(batch, i) - mean;
            var g = Floats.get(gradient, i);
            Floats.set(out, i, scale * (g - gradientMean - centered * along));
        }
    }
}
