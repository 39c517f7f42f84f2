package dev.tutti.common.average.observe;

import dev.tutti.common.average.pipeline.GradientLayout.Part;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How far the sum of a step's shards is from the gradient of the whole batch, which one party has
 * computed by itself (law 1).
 *
 * <p>One batch is computed in another order than its shards, so the two differ by rounding. What is
 * rounded are the shards' sums, which may be far longer than the sum of them all: so the bound of a
 * layer is a constant times the lengths of the shards' sums, in lengths of the whole.
 *
 * @param layers of each layer that is trained
 */
public record Proof(List<Layer> layers) {
    /** What rounding in floats may be of a shard's gradient. Single ones are about 1e-6. */
    private static final double ROUNDING_MAX = 1e-3;

    /**
     * A layer's error.
     *
     * @param error distance of the two, in lengths of the whole batch's gradient
     * @param bound what is still rounding
     */
    public record Layer(double error, double bound) {
        /** Tells whether the layer is more off than rounding explains. */
        public boolean isRefuted() {
            return !(error <= bound);
        }
    }

    /** Copies the list. */
    public Proof {
        layers = List.copyOf(layers);
    }

    /** Returns the largest error of a layer; 0 means equal bits. */
    public double error() {
        return layers.stream().mapToDouble(Layer::error).max().orElse(0);
    }

    /** Returns the indices of the layers that are more off than rounding explains. */
    public List<Integer> refuted() {
        return IntStream.range(0, layers.size())
                .filter(i -> layers.get(i).isRefuted())
                .boxed()
                .toList();
    }

    /**
     * Compares two sums over the same samples.
     *
     * @param shards the sum over the shards
     * @param whole the sum of the batch that was computed at once
     * @param parts the layers
     * @param lengths of the shards' sums, added up, in each layer
     * @param wireRounding what a number that travels may be off, relative to itself
     */
    public static Proof of(
            MemorySegment shards,
            MemorySegment whole,
            List<Part> parts,
            double[] lengths,
            double wireRounding) {
        var layers = new ArrayList<Layer>();
        for (var i = 0; i < parts.size(); i++) {
            var from = parts.get(i).from();
            var count = Math.min(parts.get(i).to(), Floats.count(whole)) - from;
            var sums = new double[2];
            Blocks.read(
                    List.of(
                            Elements.of(Floats.slice(shards, from, count)),
                            Elements.of(Floats.slice(whole, from, count))),
                    (floats, in) -> add(floats, in[0], in[1], sums));
            var distance = Math.sqrt(sums[0]);
            var length = Math.sqrt(sums[1]);
            var allowed = (ROUNDING_MAX + wireRounding) * lengths[i];
            layers.add(
                    length > 0
                            ? new Layer(distance / length, allowed / length)
                            : new Layer(distance > allowed ? Double.POSITIVE_INFINITY : 0, 0));
        }
        return new Proof(layers);
    }

    private static void add(int count, float[] shards, float[] whole, double[] out) {
        for (var i = 0; i < count; i++) {
            var apart = (double) shards[i] - whole[i];
            out[0] += apart * apart;
            out[1] += (double) whole[i] * whole[i];
        }
    }
}
