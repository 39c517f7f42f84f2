package dev.tutti.common.average.pipeline;

import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.average.mixing.GramMixing;
import dev.tutti.common.average.mixing.RandomMixing;
import dev.tutti.common.average.mixing.WorkerMomentum;
import dev.tutti.common.average.rule.CoordinateRule;
import dev.tutti.common.average.rule.DistanceRule;
import dev.tutti.common.average.rule.Mean;
import dev.tutti.common.average.rule.SelectingRule;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Blocks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The average of one step, once lengths and distances are known: from here on each coordinate
 * follows from the same coordinate of the shards' vectors. Immutable; several threads may average
 * different stretches at the same time, each with a {@link #pass} of its own.
 */
public final class StepAverage {
    private static final CoordinateRule MEAN = new Mean();

    /**
     * Vectors that are weighted sums of the shards'.
     *
     * @param rows the weights of each; empty if they are the shards' vectors themselves
     * @param samples that each stands for
     */
    @SuppressWarnings("ArrayRecordComponent") // Handed to a rule as it is, never compared.
    private record Mixed(Optional<double[][]> rows, int[] samples) {
        /** Returns the vectors that are weighted sums of these. */
        Mixed of(double[][] weights, int[] standFor) {
            var all = rows.map(known -> product(weights, known)).orElse(weights);
            return new Mixed(Optional.of(all), standFor);
        }

        Gram of(Gram gram) {
            return rows.map(gram::of).orElse(gram);
        }
    }

    private final Averaging averaging;
    private final List<GradientLayout.Part> parts;
    private final long step;
    private final int[] samples;
    private final int shards;
    private final Mixed mixed;

    /** How the gradient's vectors are averaged; of each part, if they only differ in weights. */
    private final Optional<CoordinateRule> rule;

    private final List<double[]> weights;

    private StepAverage(
            Averaging averaging,
            long step,
            int[] samples,
            Mixed mixed,
            Optional<CoordinateRule> rule,
            List<double[]> weights) {
        this.averaging = averaging;
        this.parts = averaging.parts();
        this.step = step;
        this.samples = samples;
        this.shards = averaging.shards(samples.length);
        this.mixed = mixed;
        this.rule = rule;
        this.weights = weights;
    }

    /**
     * Returns the average of a step that needs no lengths and distances.
     *
     * @param step counted from 0
     * @param samples of each shard, at least 1
     */
    public static StepAverage of(Averaging averaging, long step, int[] samples) {
        return of(averaging, step, samples, List.of());
    }

    /**
     * Returns the average of a step.
     *
     * @param step counted from 0
     * @param samples of each shard, at least 1
     * @param grams of the shards' vectors after the attack, one for each part that is a gradient
     */
    public static StepAverage of(Averaging averaging, long step, int[] samples, List<Gram> grams) {
        var shards = averaging.shards(samples.length);
        var gram = grams.stream().reduce(Gram::plus).map(all -> all.first(shards));
        var mixed = mix(averaging, step, Arrays.copyOf(samples, shards), gram);
        return switch (averaging.rule()) {
            case CoordinateRule rule ->
                    new StepAverage(averaging, step, samples, mixed, Optional.of(rule), List.of());
            case SelectingRule rule -> {
                var selected = rule.selected(mixed.of(gram.orElseThrow()));
                yield new StepAverage(
                        averaging,
                        step,
                        samples,
                        select(mixed, selected),
                        Optional.of(rule.over()),
                        List.of());
            }
            case DistanceRule rule ->
                    new StepAverage(
                            averaging,
                            step,
                            samples,
                            mixed,
                            Optional.empty(),
                            grams.stream()
                                    .map(of ->
                                            averaging.followsLast()
                                                    ? weightsFromLast(rule, mixed, of)
                                                    : weights(rule, mixed, of))
                                    .toList());
        };
    }

    /** Tells whether it is of this step, and of so many samples of each shard. */
    public boolean isOf(long otherStep, int[] otherSamples) {
        return step == otherStep && Arrays.equals(samples, otherSamples);
    }

    private static double[] weights(DistanceRule rule, Mixed mixed, Gram gram) {
        var weights = rule.coefficients(mixed.of(gram));
        return mixed.rows().map(rows -> product(new double[][] {weights}, rows)[0]).orElse(weights);
    }

    /** The last vector is not mixed. */
    private static double[] weightsFromLast(DistanceRule rule, Mixed mixed, Gram gram) {
        if (mixed.rows().isEmpty()) {
            return rule.coefficientsFromLast(gram);
        }
        var rows = new double[mixed.samples().length + 1][];
        for (var i = 0; i < rows.length - 1; i++) {
            rows[i] = Arrays.copyOf(mixed.rows().get()[i], gram.count());
        }
        rows[rows.length - 1] = new double[gram.count()];
        rows[rows.length - 1][gram.count() - 1] = 1;
        return product(new double[][] {rule.coefficientsFromLast(gram.of(rows))}, rows)[0];
    }

    private static Mixed mix(Averaging averaging, long step, int[] samples, Optional<Gram> gram) {
        var mixed = new Mixed(Optional.empty(), samples);
        for (var place = 0; place < averaging.mixings().size(); place++) {
            var now = mixed;
            mixed =
                    switch (averaging.mixings().get(place)) {
                        case GramMixing mixing ->
                                now.of(mixing.rows(now.of(gram.orElseThrow())), now.samples());
                        // The vectors that come are the momenta.
                        case WorkerMomentum _ -> now;
                        case RandomMixing mixing -> {
                            var random = Seeds.of(averaging.seed(), "mixing", step, place);
                            yield join(now, mixing.groups(now.samples().length, random));
                        }
                    };
        }
        return mixed;
    }

    /** Returns the means of groups; each vector counts with its samples. */
    private static Mixed join(Mixed mixed, int[][] groups) {
        var rows = new double[groups.length][mixed.samples().length];
        var sums = new int[groups.length];
        for (var group = 0; group < groups.length; group++) {
            for (var member : groups[group]) {
                sums[group] += mixed.samples()[member];
            }
            for (var member : groups[group]) {
                rows[group][member] = (double) mixed.samples()[member] / sums[group];
            }
        }
        return mixed.of(rows, sums);
    }

    private static Mixed select(Mixed mixed, int[] selected) {
        var rows = new double[selected.length][mixed.samples().length];
        for (var i = 0; i < selected.length; i++) {
            rows[i][selected[i]] = 1;
        }
        return mixed.of(rows, Arrays.stream(selected).map(i -> mixed.samples()[i]).toArray());
    }

    private static double[][] product(double[][] left, double[][] right) {
        var product = new double[left.length][right[0].length];
        for (var i = 0; i < left.length; i++) {
            for (var k = 0; k < right.length; k++) {
                if (left[i][k] != 0) {
                    add(left[i][k], right[k], product[i]);
                }
            }
        }
        return product;
    }

    private static void add(double weight, double[] row, double[] out) {
        for (var j = 0; j < out.length; j++) {
            out[j] += weight * row[j];
        }
    }

    /** Returns what one thread needs to average stretches of the vectors. */
    public Pass pass() {
        return new Pass();
    }

    /** A loop over blocks, with its scratch. Owned by one thread. */
    public final class Pass {
        private final double[] sum = new double[Blocks.FLOATS_MAX];
        private final List<float[]> scratch = new ArrayList<>();

        private Pass() {}

        /**
         * Writes the average of a block.
         *
         * @param part index of the part that it is in; see {@link Averaging#parts}
         * @param from index into the flat vector
         * @param count coordinates, at most {@link Blocks#FLOATS_MAX}
         * @param vectors the mean of each shard; used as scratch
         * @param out gets the first {@code count} floats
         */
        public void average(int part, long from, int count, float[][] vectors, float[] out) {
            if (!parts.get(part).isGradient()) {
                MEAN.average(
                        count, Arrays.copyOf(vectors, shards), Arrays.copyOf(samples, shards), out);
                return;
            }
            averaging.strike(step, from, count, vectors);
            if (rule.isPresent()) {
                rule.get().average(count, mixed(count, vectors), mixed.samples(), out);
            } else {
                sum(weights.get(part), count, vectors, out);
            }
        }

        private float[][] mixed(int count, float[][] vectors) {
            if (mixed.rows().isEmpty()) {
                return vectors;
            }
            var rows = mixed.rows().get();
            while (scratch.size() < rows.length) {
                scratch.add(new float[Blocks.FLOATS_MAX]);
            }
            for (var i = 0; i < rows.length; i++) {
                sum(rows[i], count, vectors, scratch.get(i));
            }
            return scratch.toArray(float[][]::new);
        }

        /** Writes a weighted sum, added up in doubles in the order of the shards. */
        private void sum(double[] weightOf, int count, float[][] vectors, float[] out) {
            Arrays.fill(sum, 0, count, 0);
            for (var i = 0; i < vectors.length; i++) {
                if (weightOf[i] != 0) {
                    add(weightOf[i], count, vectors[i], sum);
                }
            }
            round(count, sum, out);
        }
    }

    private static void add(double weight, int count, float[] vector, double[] out) {
        for (var k = 0; k < count; k++) {
            out[k] += weight * vector[k];
        }
    }

    private static void round(int count, double[] in, float[] out) {
        for (var k = 0; k < count; k++) {
            out[k] = (float) in[k];
        }
    }
}
