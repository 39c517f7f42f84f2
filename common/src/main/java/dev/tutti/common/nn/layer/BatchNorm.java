package dev.tutti.common.nn.layer;

import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.nn.layer.PassContext.Mode;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Normalises each channel over the samples of a shard or of the batch, then scales and shifts it,
 * as PyTorch's {@code BatchNorm1d} of a vector, {@code BatchNorm2d} of an image and {@code
 * SyncBatchNorm}: y = γ x̂ + β with x̂ = (x − mean)/√(variance + ε) (Ioffe and Szegedy 2015). An
 * evaluation takes running means instead.
 *
 * <p>A shard is the same on every worker, so its statistics do not depend on the workers. Those of
 * the batch are added up along the shard tree before the pass goes on ({@link WholeBatch}), the
 * moments forward and what the gradient needs backward. Each sample asks the running means to move
 * by momentum · (the measured − the running one); a step adds the mean over the batch of what all
 * samples ask. One value a channel has no variance, and asks for no change of it.
 *
 * @param momentum how far a step moves the running means
 * @param epsilon ε
 * @param over which samples are normalised together
 */
public record BatchNorm(
        @Default("0.1") double momentum,
        @Default("1.0E-5") double epsilon,
        @Default("shard") Over over)
        implements Layer {
    /** Which samples are normalised together. */
    public enum Over {
        SHARD,
        BATCH
    }

    /** Statistics of more channels would not fit into one message. */
    static final int CHANNELS_OVER_BATCH_MAX = 2_000;

    /** Refuses arguments outside their bounds. */
    public BatchNorm {
        Bounds.belowOne("momentum", momentum);
        Bounds.positive("epsilon", epsilon);
    }

    @Override
    public Shape outputShape(Shape input) {
        if (over == Over.BATCH && input.extent(0) > CHANNELS_OVER_BATCH_MAX) {
            throw new IllegalArgumentException(
                    "takes at most %d channels with over=batch, found %d; over=shard takes any"
                            .formatted(CHANNELS_OVER_BATCH_MAX, input.extent(0)));
        }
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
    public List<BatchRound> roundsOverBatch(Shape input) {
        if (over == Over.SHARD) {
            return List.of();
        }
        var channels = input.extent(0);
        return List.of(new BatchRound(BatchRound.Kind.MOMENTS, channels, input.size() / channels));
    }

    /** Returns the statistics to go by; empty if those of the batch are not known yet. */
    private Optional<BatchStatistics> over(LayerCall call, Supplier<BatchStatistics> own) {
        return switch (over) {
            case SHARD -> Optional.of(own.get());
            case BATCH -> call.pass().batch().ask(own);
        };
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var channels = Channels.of(call);
        if (call.pass().mode() == Mode.TRAINING) {
            var moments = over(call, () -> moments(channels, in));
            if (moments.isEmpty()) {
                return;
            }
            keep(moments.get(), channels.count(), call.scratch());
        } else {
            Floats.copy(call.statistics(), call.scratch());
        }
        for (var channel = 0; channel < channels.count(); channel++) {
            var scale = factor(call, channel) * Floats.get(call.weights(), channel);
            var mean = Floats.get(call.scratch(), channel);
            var bias = Floats.get(call.weights(), channels.count() + channel);
            channels.normalize(channel, mean, scale, bias, in, out);
        }
    }

    private static BatchStatistics moments(Channels channels, MemorySegment in) {
        var count = channels.count();
        var moments = new double[1 + 2 * count];
        moments[0] = channels.values();
        for (var channel = 0; channel < count; channel++) {
            var mean = channels.sum(channel, in) / channels.values();
            moments[1 + channel] = mean;
            moments[1 + count + channel] = channels.squares(channel, mean, in);
        }
        return BatchStatistics.of(moments);
    }

    private static void keep(BatchStatistics moments, int count, MemorySegment out) {
        for (var channel = 0; channel < count; channel++) {
            var variance = moments.get(1 + count + channel) / moments.get(0);
            Floats.set(out, channel, (float) moments.get(1 + channel));
            Floats.set(out, count + channel, (float) variance);
        }
    }

    private float factor(LayerCall call, int channel) {
        var variance = Floats.get(call.scratch(), call.input().extent(0) + channel);
        return (float) (1 / Math.sqrt(variance + epsilon));
    }

    /**
     * With the sums over all that is normalised together: ∂C/∂x = γ/√(variance + ε) · (g − mean(g)
     * − x̂ mean(g x̂)). The derivatives of γ and β are this shard's share of those sums.
     */
    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var channels = Channels.of(call);
        var own = gradients(call, channels, in, outGradient);
        var trains = call.pass().mode() == Mode.TRAINING;
        var all = trains ? over(call, () -> own) : Optional.of(own);
        if (all.isEmpty()) {
            return;
        }
        for (var i = 0; i < 2 * channels.count(); i++) {
            var bias = i < channels.count();
            var at = bias ? channels.count() + i : i - channels.count();
            Floats.set(call.gradient(), at, (float) own.get(1 + i));
        }
        if (call.wantsInputGradient()) {
            inputGradient(call, channels, trains, all.get(), in, outGradient, inGradient);
        }
        if (trains) {
            ask(call, channels, all.get().get(0));
        } else {
            call.statisticSums().fill((byte) 0);
        }
    }

    /** Returns n, each channel's Σ g and each channel's Σ g x̂. */
    private BatchStatistics gradients(
            LayerCall call, Channels channels, MemorySegment in, MemorySegment outGradient) {
        var count = channels.count();
        var sums = new double[1 + 2 * count];
        sums[0] = channels.values();
        for (var channel = 0; channel < count; channel++) {
            var mean = Floats.get(call.scratch(), channel);
            sums[1 + channel] = channels.sum(channel, outGradient);
            sums[1 + count + channel] =
                    factor(call, channel) * channels.along(channel, mean, in, outGradient);
        }
        return BatchStatistics.of(sums);
    }

    private void inputGradient(
            LayerCall call,
            Channels channels,
            boolean trains,
            BatchStatistics sums,
            MemorySegment in,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var values = sums.get(0);
        for (var channel = 0; channel < channels.count(); channel++) {
            var factor = factor(call, channel);
            var sum = sums.get(1 + channel);
            var alongNormal = sums.get(1 + channels.count() + channel);
            channels.inputGradient(
                    channel,
                    Floats.get(call.scratch(), channel),
                    factor * Floats.get(call.weights(), channel),
                    trains ? (float) (sum / values) : 0f,
                    trains ? (float) (factor * alongNormal / values) : 0f,
                    in,
                    outGradient,
                    inGradient);
        }
    }

    /**
     * Writes the sum over the samples of the moves that each asks of the running means.
     *
     * @param values that a channel's variance is over
     */
    private void ask(LayerCall call, Channels channels, double values) {
        var samples = call.samples() * momentum;
        for (var channel = 0; channel < channels.count(); channel++) {
            var variance = channels.count() + channel;
            var meanMove = difference(call, channel, 1);
            var varianceMove = values > 1 ? difference(call, variance, values / (values - 1)) : 0;
            Floats.set(call.statisticSums(), channel, (float) (samples * meanMove));
            Floats.set(call.statisticSums(), variance, (float) (samples * varianceMove));
        }
    }

    private static double difference(LayerCall call, int index, double correction) {
        return correction * Floats.get(call.scratch(), index)
                - Floats.get(call.statistics(), index);
    }
}
