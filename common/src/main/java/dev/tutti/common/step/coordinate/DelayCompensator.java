package dev.tutti.common.step.coordinate;

import dev.tutti.common.sync.DelayCompensation;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;

/** Corrects the gradients of tasks for the steps since; see {@link DelayCompensation}. */
final class DelayCompensator {
    private final DelayCompensation how;
    private final long trained;
    private final List<MemorySegment> squares;

    /**
     * Makes one of a run.
     *
     * @param trained floats of a vector that are trained; those behind are left as they are
     * @param squares the moving mean squares of an adaptive one, a vector; otherwise empty
     */
    DelayCompensator(DelayCompensation how, long trained, List<MemorySegment> squares) {
        this.how = how;
        this.trained = trained;
        this.squares = squares.stream().map(this::front).toList();
    }

    /**
     * Corrects a gradient.
     *
     * @param samples that it is the sum over
     * @param then the weights that it was computed with
     * @param now those that its step begins with
     * @param gradient changed in place
     */
    void correct(int samples, Elements then, Elements now, MemorySegment gradient) {
        var out = Stream.concat(Stream.of(front(gradient)), squares.stream()).toList();
        Blocks.update(
                trained,
                List.of(now.slice(0, trained), then.slice(0, trained)),
                out,
                out,
                Elements.NONE,
                how.isAdaptive()
                        ? (count, weights, changed) ->
                                adapt(how, samples, count, weights, changed[1], changed[0])
                        : (count, weights, changed) ->
                                add((float) how.lambda() / samples, count, weights, changed[0]));
    }

    private MemorySegment front(MemorySegment vector) {
        return Floats.slice(vector, 0, trained);
    }

    /** Of a sum S over n samples, the mean's λ · g² · n is λ / n · S². */
    private static void add(float lambda, int count, float[][] weights, float[] sum) {
        var now = weights[0];
        var then = weights[1];
        for (var i = 0; i < count; i++) {
            sum[i] += lambda * sum[i] * sum[i] * (now[i] - then[i]);
        }
    }

    private static void adapt(
            DelayCompensation how,
            int samples,
            int count,
            float[][] weights,
            float[] squares,
            float[] sum) {
        var now = weights[0];
        var then = weights[1];
        for (var i = 0; i < count; i++) {
            var mean = (double) sum[i] / samples;
            var square = how.average() * squares[i] + (1 - how.average()) * mean * mean;
            squares[i] = (float) square;
            var lambda = how.lambda() / Math.sqrt(square + DelayCompensation.EPSILON);
            sum[i] += (float) (lambda * mean * mean * ((double) now[i] - then[i]) * samples);
        }
    }
}
