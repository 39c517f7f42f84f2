package dev.tutti.common.nn;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Pass.Mode;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Normalises each channel over the samples of a shard, then scales and shifts it, as PyTorch's
 * {@code BatchNorm1d} of a vector and {@code BatchNorm2d} of an image: y = γ x̂ + β with x̂ = (x −
 * mean)/√(variance + ε) (Ioffe and Szegedy 2015). An evaluation takes running means instead.
 *
 * <p>The statistics are the shard's, not the batch's: a shard is the same whoever computes it, so
 * the weights still do not depend on the workers. Each sample asks the running means to move by
 * momentum · (the shard's − the running one); a step adds the mean over the batch of what all
 * samples ask. A shard with one value a channel has no variance, and asks for no change of it.
 *
 * @param momentum how far a step moves the running means
 * @param epsilon ε
 */
public record BatchNorm(@Default("0.1") double momentum, @Default("1.0E-5") double epsilon)
        implements Layer {
    /** Refuses arguments outside their bounds. */
    public BatchNorm {
        Bounds.belowOne("momentum", momentum);
        Bounds.positive("epsilon", epsilon);
    }

    @Override
    public Shape outputShape(Shape input) {
        return input;
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        var channels = Shape.of(input.extent(0));
        return List.of(
                Parameter.one("weight", channels),
                Parameter.zero("bias", channels),
                Parameter.statistic("running_mean", channels, Parameter.Start.ZERO),
                Parameter.statistic("running_var", channels, Parameter.Start.ONE));
    }

    /** Each channel's mean, and its variance without correction. */
    @Override
    public long scratchFloats(Shape input, int samples) {
        return 2L * input.extent(0);
    }

    @Override
    public boolean mixesSamples() {
        return true;
    }

    @Override
    public void forward(Site site, MemorySegment in, MemorySegment out) {
        var channels = Channels.of(site);
        if (site.pass().mode() == Mode.TRAINING) {
            measure(channels, in, site.scratch());
        } else {
            Floats.copy(site.statistics(), site.scratch());
        }
        for (var channel = 0; channel < channels.count(); channel++) {
            var scale = factor(site, channel) * Floats.get(site.weights(), channel);
            var mean = Floats.get(site.scratch(), channel);
            var bias = Floats.get(site.weights(), channels.count() + channel);
            channels.normalize(channel, mean, scale, bias, in, out);
        }
    }

    private static void measure(Channels channels, MemorySegment in, MemorySegment out) {
        for (var channel = 0; channel < channels.count(); channel++) {
            var mean = channels.sum(channel, in) / channels.values();
            var variance = channels.squares(channel, mean, in) / channels.values();
            Floats.set(out, channel, (float) mean);
            Floats.set(out, channels.count() + channel, (float) variance);
        }
    }

    private float factor(Site site, int channel) {
        var variance = Floats.get(site.scratch(), site.input().extent(0) + channel);
        return (float) (1 / Math.sqrt(variance + epsilon));
    }

    @Override
    public void backward(
            Site site,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var channels = Channels.of(site);
        var trains = site.pass().mode() == Mode.TRAINING;
        for (var channel = 0; channel < channels.count(); channel++) {
            var mean = Floats.get(site.scratch(), channel);
            var factor = factor(site, channel);
            var sum = channels.sum(channel, outGradient);
            var alongNormal = factor * channels.along(channel, mean, in, outGradient);
            Floats.set(site.gradient(), channel, (float) alongNormal);
            Floats.set(site.gradient(), channels.count() + channel, (float) sum);
            if (site.wantsInputGradient()) {
                channels.inputGradient(
                        channel,
                        mean,
                        factor * Floats.get(site.weights(), channel),
                        trains ? (float) (sum / channels.values()) : 0f,
                        trains ? (float) (factor * alongNormal / channels.values()) : 0f,
                        in,
                        outGradient,
                        inGradient);
            }
        }
        if (trains) {
            ask(site, channels);
        } else {
            site.statisticSums().fill((byte) 0);
        }
    }

    /** Writes the sum over the samples of the moves that each asks of the running means. */
    private void ask(Site site, Channels channels) {
        var samples = site.samples() * momentum;
        var values = (double) channels.values();
        for (var channel = 0; channel < channels.count(); channel++) {
            var variance = channels.count() + channel;
            var meanMove = difference(site, channel, 1);
            var varianceMove = values > 1 ? difference(site, variance, values / (values - 1)) : 0;
            Floats.set(site.statisticSums(), channel, (float) (samples * meanMove));
            Floats.set(site.statisticSums(), variance, (float) (samples * varianceMove));
        }
    }

    private static double difference(Site site, int index, double correction) {
        return correction * Floats.get(site.scratch(), index)
                - Floats.get(site.statistics(), index);
    }
}
