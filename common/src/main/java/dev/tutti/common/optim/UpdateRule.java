package dev.tutti.common.optim;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.FiniteCheck;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Parallel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * All that turns a batch's mean gradient into the next weights, in the order in which PyTorch users
 * write it: regularisers add their derivative, the whole is clipped, the optimizer steps at the
 * scheduled rate. Statistics, behind the trained part of the flat vector, move by their mean alone.
 *
 * @param optimizer takes the step
 * @param rate its learning rate before the schedule
 * @param schedule what the rate is multiplied by
 * @param regularizers add to the mean gradient
 * @param normMax the largest norm of the gradient; empty to leave it as it is
 */
public record UpdateRule(
        Optimizer optimizer,
        double rate,
        Schedule schedule,
        List<Regularizer> regularizers,
        OptionalDouble normMax) {
    /** Floats that one thread steps over at a time. */
    private static final int CHUNK_FLOATS = 1 << 16;

    /** Refuses a norm that is not above 0. */
    public UpdateRule {
        regularizers = List.copyOf(regularizers);
        if (normMax.isPresent()) {
            Bounds.positive("the largest norm", normMax.getAsDouble());
        }
    }

    /** Returns the rule of an optimizer alone, at its own rate. */
    public static UpdateRule of(Optimizer optimizer) {
        return new UpdateRule(
                optimizer, optimizer.rate(), new Constant(), List.of(), OptionalDouble.empty());
    }

    /** Returns the learning rate of a step. */
    public double rate(long step) {
        return Schedules.rate(schedule, rate, step);
    }

    /**
     * Tells whether a step can only be taken once the whole gradient is known, as clipping by the
     * norm and a {@link TensorOptimizer} need it; otherwise {@link #applyTo} may step over a chunk
     * as soon as its sums are in.
     */
    public boolean needsWholeGradient() {
        return normMax.isPresent() || optimizer instanceof TensorOptimizer;
    }

    /**
     * Takes a step from a gradient sum, in one pass over all vectors; or in more, where the whole
     * gradient has to be known first. The bits are those of dividing the sum and applying the mean.
     *
     * <p>A long vector is stepped over by several threads, so its memory must be open to all.
     *
     * @param layout of the trained part
     * @param sum of the gradient, and behind the trained part of the moves of the statistics
     * @param weights the flat vector
     */
    public void apply(
            long step,
            TensorLayout layout,
            GradientSum sum,
            List<MemorySegment> slots,
            SteppedWeights weights) {
        var trained = layout.trained();
        var factor = normMax.isPresent() ? clipping(trained, sum, weights.before()) : 1f;
        switch (optimizer) {
            case ElementOptimizer known ->
                    applyByChunks(known, step, trained, sum, factor, slots, weights);
            case TensorOptimizer known -> {
                applyByTensors(known, step, layout, sum, factor, slots, weights);
                var behind = weights.count() - trained;
                moveStatistics(
                        weights.count(),
                        sum.slice(trained, behind),
                        weights.slice(trained, behind),
                        new FiniteCheck());
            }
        }
    }

    private void applyByChunks(
            ElementOptimizer known,
            long step,
            long trained,
            GradientSum sum,
            float factor,
            List<MemorySegment> slots,
            SteppedWeights weights) {
        var chunks = new Chunks(weights.count(), CHUNK_FLOATS);
        Parallel.forEach(
                chunks.count(),
                chunks.length(),
                i ->
                        apply(
                                known,
                                step,
                                trained,
                                chunks.offset(i),
                                sum.slice(chunks.offset(i), chunks.size(i)),
                                factor,
                                slots,
                                weights,
                                new FiniteCheck()));
    }

    private void applyByTensors(
            TensorOptimizer known,
            long step,
            TensorLayout layout,
            GradientSum sum,
            float factor,
            List<MemorySegment> slots,
            SteppedWeights weights) {
        var tensorStep = known.at(step, rate(step));
        var tensors = layout.tensors();
        Parallel.forEach(
                tensors.size(),
                layout.trained(),
                i -> {
                    var offset = tensors.get(i).offset();
                    var count = tensors.get(i).shape().size();
                    tensorStep.run(
                            new TensorPasses(
                                    tensors.get(i).shape(),
                                    sum.slice(offset, count),
                                    (part, gradient, block, in) -> {
                                        prepare(part, gradient, block, in);
                                        GlobalNorm.scale(factor, part, in[0]);
                                    },
                                    slots.stream()
                                            .map(slot -> Floats.slice(slot, offset, count))
                                            .toList(),
                                    weights.slice(offset, count)));
                });
    }

    /**
     * Takes a step over one chunk of the flat vector. Once every chunk had its turn, in any order,
     * the bits are those of a step over the whole.
     *
     * @param offset the chunk's first float
     * @param sum of the chunk alone, which ends where its terms end
     * @param slots the optimizer's state, whole vectors
     * @param weights the whole flat vector
     * @return whether the gradient is finite; if not, the weights after it are of no use
     * @throws IllegalStateException if the step {@linkplain #needsWholeGradient needs the whole
     *     gradient}
     */
    public boolean applyTo(
            long step,
            long trained,
            long offset,
            GradientSum sum,
            List<MemorySegment> slots,
            SteppedWeights weights) {
        if (normMax.isPresent() || !(optimizer instanceof ElementOptimizer known)) {
            throw new IllegalStateException("the step needs the whole gradient");
        }
        var finite = new FiniteCheck();
        apply(known, step, trained, offset, sum, 1f, slots, weights, finite);
        return finite.allFinite();
    }

    private void apply(
            ElementOptimizer known,
            long step,
            long trained,
            long offset,
            GradientSum sum,
            float factor,
            List<MemorySegment> slots,
            SteppedWeights weights,
            FiniteCheck finite) {
        var count = sum.terms().getFirst().count();
        var front = Math.max(0, Math.min(count, trained - offset));
        if (front > 0) {
            var gradient = sum.slice(0, front);
            var changed = weights.slice(offset, front);
            var state = slots.stream().map(slot -> Floats.slice(slot, offset, front)).toList();
            var block = FusedStep.of(known.at(step, rate(step)));
            var isMeanAlone = regularizers.isEmpty() && factor == 1f;
            Blocks.update(
                    weights.count(),
                    gradient.terms(),
                    SteppedWeights.withSlots(changed.before(), state),
                    SteppedWeights.withSlots(changed.after(), state),
                    changed.sent(),
                    (part, in, out) -> {
                        if (isMeanAlone) {
                            gradient.step(block, part, in, finite, out);
                        } else {
                            prepare(part, gradient, out[0], in);
                            block.run(factor, part, in[0], finite, out);
                        }
                    });
        }
        if (front < count) {
            moveStatistics(
                    weights.count(),
                    sum.slice(front, count - front),
                    weights.slice(offset + front, count - front),
                    finite);
        }
    }

    /** Leaves the mean gradient, with what the regularisers add, in the first array. */
    private void prepare(int count, GradientSum gradient, float[] weights, float[][] in) {
        gradient.mean(count, in);
        for (var regularizer : regularizers) {
            regularizer.addGradient(count, weights, in[0]);
        }
    }

    private float clipping(long trained, GradientSum sum, MemorySegment weights) {
        var gradient = sum.slice(0, trained);
        var read = new ArrayList<>(gradient.terms());
        read.add(Elements.of(Floats.slice(weights, 0, trained)));
        var squares = new GlobalNorm.Squares();
        Blocks.read(
                read,
                (count, in) -> {
                    prepare(count, gradient, in[in.length - 1], in);
                    squares.add(count, in[0]);
                });
        return GlobalNorm.factor(squares.total(), normMax.orElseThrow());
    }

    private static void moveStatistics(
            long whole, GradientSum moves, SteppedWeights statistics, FiniteCheck finite) {
        Blocks.update(
                whole,
                moves.terms(),
                List.of(statistics.before()),
                List.of(statistics.after()),
                statistics.sent(),
                (count, in, changed) -> {
                    moves.mean(count, in);
                    finite.note(count, in[0]);
                    Floats.add(count, in[0], changed[0]);
                });
    }
}
