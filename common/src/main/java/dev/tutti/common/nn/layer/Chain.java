package dev.tutti.common.nn.layer;

import static dev.tutti.common.nn.init.Parameter.Kind.STATISTIC;
import static dev.tutti.common.nn.init.Parameter.Kind.TRAINED;

import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.kernel.GrowingBuffer;
import dev.tutti.common.nn.init.Follower;
import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Layers one behind the other, their shapes checked: the body of a model and of a block inside it.
 *
 * <p>All memory of a pass lies in the call's scratch: two buffers that the gradient moves between,
 * then each layer's output and scratch. Every block starts on a cache line.
 */
public final class Chain {
    private static final int ALIGNMENT_FLOATS = Floats.ALIGNMENT_BYTES / Floats.BYTES;

    /** More layers than one chain can have; see {@link #call}. */
    private static final int LAYERS_MAX = 4095;

    private static final ThreadLocal<Converted> CONVERTED = ThreadLocal.withInitial(Converted::new);

    /**
     * One layer in its place.
     *
     * @param weights its trained parameters among the chain's
     * @param statistics its statistics among the chain's
     */
    private record Link(
            Layer layer,
            Shape input,
            Shape output,
            List<Parameter> parameters,
            VectorRange weights,
            VectorRange statistics) {
        boolean draws() {
            return parameters.stream().anyMatch(Parameter::isDrawn);
        }

        boolean parametersBefore() {
            return weights.offset() > 0;
        }

        boolean statisticsBefore() {
            return statistics.offset() > 0;
        }
    }

    private final List<Link> links;
    private final Shape input;
    private final Shape output;
    private final long widest;

    private Chain(List<Link> links, Shape input, Shape output) {
        this.links = List.copyOf(links);
        this.input = input;
        this.output = output;
        this.widest = links.stream().mapToLong(link -> link.output().size()).max().orElseThrow();
    }

    /**
     * Returns the chain of {@code layers} behind {@code input}.
     *
     * @throws PlugInException if a layer cannot take what the one before it gives
     */
    public static Chain of(List<Layer> layers, Shape input) {
        if (layers.isEmpty() || layers.size() > LAYERS_MAX) {
            throw new PlugInException(
                    "expected 1 to %d layers, found %d".formatted(LAYERS_MAX, layers.size()));
        }
        var links = new ArrayList<Link>();
        var shape = input;
        var weights = new VectorRange(0, 0);
        var statistics = new VectorRange(0, 0);
        for (var layer : layers) {
            var output = outputShape(links.size(), layer, shape);
            var parameters = parameters(links.size(), layer, shape);
            weights = weights.next(parameters, TRAINED);
            statistics = statistics.next(parameters, STATISTIC);
            links.add(new Link(layer, shape, output, parameters, weights, statistics));
            shape = output;
        }
        return new Chain(links, input, shape);
    }

    private static Shape outputShape(int index, Layer layer, Shape input) {
        try {
            return layer.outputShape(input);
        } catch (IllegalArgumentException e) {
            throw refused(index, layer, e);
        }
    }

    private static List<Parameter> parameters(int index, Layer layer, Shape input) {
        try {
            return layer.parameters(input);
        } catch (IllegalArgumentException e) {
            throw refused(index, layer, e);
        }
    }

    private static PlugInException refused(
            int index, Layer layer, IllegalArgumentException refusal) {
        return new PlugInException(
                "layer %d (%s) %s"
                        .formatted(index, Layers.CATALOGUE.format(layer), refusal.getMessage()));
    }

    public Shape input() {
        return input;
    }

    public Shape output() {
        return output;
    }

    public List<Layer> layers() {
        return links.stream().map(Link::layer).toList();
    }

    /**
     * Returns the parameters of all layers, in their order, each with its layer's index in front
     * and with what follows the layer.
     */
    public List<Parameter> parameters() {
        var all = new ArrayList<Parameter>();
        for (var i = 0; i < links.size(); i++) {
            var follower = followerOf(i);
            for (var parameter : links.get(i).parameters()) {
                all.add(parameter.named(i + "." + parameter.name()).followedBy(follower));
            }
        }
        return all;
    }

    /** Nothing behind the last layer that draws weights counts: there is nothing left to learn. */
    private Follower followerOf(int index) {
        var found = Follower.END;
        for (var link : links.subList(index + 1, links.size()).reversed()) {
            if (link.draws()) {
                found = Follower.LAYER;
            } else if (found != Follower.END) {
                found = link.layer().asFollower().orElse(found);
            }
        }
        return found;
    }

    /** Returns what the layers ask of the whole batch in the forward pass, in their order. */
    public List<BatchRound> roundsOverBatch() {
        return links.stream()
                .flatMap(link -> link.layer().roundsOverBatch(link.input()).stream())
                .toList();
    }

    /** Returns the floats that a pass over {@code samples} needs. */
    public long scratchFloats(int samples) {
        var floats = 2 * gradientFloats(samples);
        for (var link : links) {
            floats += outputFloats(link, samples) + layerScratchFloats(link, samples);
        }
        return floats;
    }

    /**
     * Computes the output of all layers, and returns it: samples × output, inside the scratch.
     * Stops, without it, at a layer that asks what is not known of the batch.
     */
    public MemorySegment forward(LayerCall call, MemorySegment in) {
        var samples = call.samples();
        var at = 2 * gradientFloats(samples);
        var from = in;
        for (var i = 0; i < links.size(); i++) {
            var link = links.get(i);
            var out = output(call, link, at);
            var scratchAt = at + outputFloats(link, samples);
            link.layer().forward(call(call, i, scratchAt), from, out);
            if (call.pass().isOver()) {
                return Floats.NONE;
            }
            at = scratchAt + layerScratchFloats(link, samples);
            from = out;
        }
        return from;
    }

    /** Returns what the last forward pass gave, if it was one over as many samples. */
    public MemorySegment outputs(MemorySegment scratch, int samples) {
        var last = links.getLast();
        var at =
                scratchFloats(samples)
                        - layerScratchFloats(last, samples)
                        - outputFloats(last, samples);
        return Floats.slice(scratch, at, (long) samples * last.output().size());
    }

    /** Returns where the gradient of the chain's output is to be put: samples × output. */
    public MemorySegment outGradient(LayerCall call) {
        return Floats.slice(call.scratch(), 0, (long) call.samples() * output.size());
    }

    /**
     * Computes the gradients of all layers from what stands in {@link #outGradient}. Stops at a
     * layer that asks what is not known of the batch.
     *
     * @param in what forward got
     * @param inGradient samples × input, overwritten if the call wants it
     */
    public void backward(LayerCall call, MemorySegment in, MemorySegment inGradient) {
        backward(call, in, inGradient, _ -> {});
    }

    /**
     * The same, and tells from which trained parameter on all gradients are known, while some are
     * not, once all statistics are.
     */
    public void backward(
            LayerCall call, MemorySegment in, MemorySegment inGradient, LongConsumer known) {
        var samples = call.samples();
        var behind = outGradient(call);
        var at = scratchFloats(samples);
        for (var i = links.size() - 1; i >= 0; i--) {
            var link = links.get(i);
            var scratchAt = at - layerScratchFloats(link, samples);
            at = scratchAt - outputFloats(link, samples);
            var wanted = call.wantsInputGradient() || link.parametersBefore();
            var before = i == 0 ? inGradient : gradientBefore(call, i, wanted);
            if (wanted || !link.parameters().isEmpty()) {
                var own = call(call, i, scratchAt);
                link.layer()
                        .backward(
                                own,
                                inputOf(call, i, in, at),
                                output(call, link, at),
                                behind,
                                before);
                if (call.pass().isOver()) {
                    return;
                }
                leave(own.gradientElements(), link.weights().of(call.gradientElements()));
            }
            behind = before;
            if (link.parametersBefore() && link.weights().count() > 0 && !link.statisticsBefore()) {
                known.accept(link.weights().offset());
            }
        }
    }

    /**
     * Returns what layer {@code index} got: the output before it, which ends where its own starts.
     */
    private MemorySegment inputOf(LayerCall call, int index, MemorySegment in, long outputAt) {
        if (index == 0) {
            return in;
        }
        var previous = links.get(index - 1);
        var samples = call.samples();
        var at = outputAt - layerScratchFloats(previous, samples) - outputFloats(previous, samples);
        return output(call, previous, at);
    }

    /** The gradients take turns in the two buffers, so the last layer's input is in the second. */
    private MemorySegment gradientBefore(LayerCall call, int index, boolean wanted) {
        var samples = call.samples();
        var second = (links.size() - index) % 2 == 1;
        var count = wanted ? (long) samples * links.get(index).input().size() : 0;
        return Floats.slice(call.scratch(), second ? gradientFloats(samples) : 0, count);
    }

    private static MemorySegment output(LayerCall call, Link link, long at) {
        return Floats.slice(call.scratch(), at, (long) call.samples() * link.output().size());
    }

    private LayerCall call(LayerCall outer, int index, long scratchAt) {
        var link = links.get(index);
        return new LayerCall(
                outer.kernel(),
                outer.pass(),
                (outer.layer() << 12) | (index + 1),
                link.input(),
                link.output(),
                outer.samples(),
                weights(outer, link),
                link.statistics().of(outer.statistics()),
                gradient(outer, link),
                link.statistics().of(outer.statisticSums()),
                Floats.slice(
                        outer.scratch(),
                        scratchAt,
                        link.layer().scratchFloats(link.input(), outer.samples())),
                outer.wantsInputGradient() || link.parametersBefore());
    }

    /** Returns a layer's weights as it takes them: in place, or as floats for this one call. */
    private static Elements weights(LayerCall outer, Link link) {
        var weights = link.weights().of(outer.weightElements());
        if (link.layer().takesBf16() || weights.precision() == Precision.FP32) {
            return weights;
        }
        return Elements.of(weights.floats(CONVERTED.get().weights.floats(weights.count())));
    }

    /** Returns where a layer leaves its gradient: in place, or as floats for this one call. */
    private static Elements gradient(LayerCall outer, Link link) {
        var gradient = link.weights().of(outer.gradientElements());
        if (link.layer().takesBf16() || gradient.precision() == Precision.FP32) {
            return gradient;
        }
        return Elements.of(CONVERTED.get().gradient.floats(gradient.count()));
    }

    /** Brings a gradient to its place, if it is not there. */
    private static void leave(Elements gradient, Elements place) {
        if (gradient.precision() != place.precision()) {
            gradient.copyTo(place);
        }
    }

    /** One thread's floats of the layer at hand, if its parameters have 16 bits. */
    private static final class Converted {
        private final GrowingBuffer weights = new GrowingBuffer();
        private final GrowingBuffer gradient = new GrowingBuffer();
    }

    private long gradientFloats(int samples) {
        return aligned(samples * widest);
    }

    private static long outputFloats(Link link, int samples) {
        return aligned((long) samples * link.output().size());
    }

    private static long layerScratchFloats(Link link, int samples) {
        return aligned(link.layer().scratchFloats(link.input(), samples));
    }

    private static long aligned(long floats) {
        return (floats + ALIGNMENT_FLOATS - 1) / ALIGNMENT_FLOATS * ALIGNMENT_FLOATS;
    }
}
