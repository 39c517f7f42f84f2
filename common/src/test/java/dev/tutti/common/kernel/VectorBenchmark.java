package dev.tutti.common.kernel;

import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.Sgd;
import dev.tutti.common.optim.SteppedWeights;
import dev.tutti.common.optim.TensorLayout;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.vector.Bf16;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Passes over vectors: of a chunk, which stays in a core's cache, and of a model. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class VectorBenchmark {
    private static final long SAMPLES = 256;

    @Param({"131072", "5824522"})
    private int floats;

    private final UpdateRule rule = UpdateRule.of(new Sgd(1e-6, 0, false, 0));
    private MemorySegment left = Floats.NONE;
    private MemorySegment right = Floats.NONE;
    private MemorySegment weights = Floats.NONE;
    private MemorySegment out = Floats.NONE;
    private MemorySegment halves = Floats.NONE;
    private Elements leftHalves = Elements.NONE;
    private Elements rightHalves = Elements.NONE;
    private Elements sent = Elements.NONE;

    /** Makes the vectors. */
    @Setup
    public void allocate() {
        var arena = Arena.ofAuto();
        left = filled(arena, 0.5f);
        right = filled(arena, 0.25f);
        weights = filled(arena, 1);
        out = filled(arena, 1);
        halves = arena.allocate((long) floats * Bf16.BYTES, Floats.ALIGNMENT_BYTES);
        Bf16.encode(left, halves);
        leftHalves = rounded(arena, left);
        rightHalves = rounded(arena, right);
        sent = rounded(arena, out);
    }

    private static Elements rounded(Arena arena, MemorySegment vector) {
        var out = Elements.allocate(arena, Precision.BF16, Floats.count(vector));
        Elements.of(vector).copyTo(out);
        return out;
    }

    private MemorySegment filled(Arena arena, float value) {
        var vector = Floats.allocate(arena, floats);
        for (long i = 0; i < floats; i++) {
            Floats.set(vector, i, value);
        }
        return vector;
    }

    /** Adds two vectors. */
    @Benchmark
    public MemorySegment add() {
        Floats.add(left, right, out);
        return out;
    }

    /** Adds two sums, divides, and takes a step of plain SGD, to other memory. */
    @Benchmark
    public MemorySegment step() {
        rule.apply(
                0,
                new TensorLayout(List.of(new TensorLayout.Placed(0, Shape.of(floats)))),
                GradientSum.of(left, right, SAMPLES),
                List.of(),
                new SteppedWeights(weights, out, Elements.NONE));
        return out;
    }

    /** The same of sums of 16 bits, and rounds the weights for the workers. */
    @Benchmark
    public MemorySegment stepOf16Bits() {
        rule.apply(
                0,
                new TensorLayout(List.of(new TensorLayout.Placed(0, Shape.of(floats)))),
                new GradientSum(List.of(leftHalves, rightHalves), SAMPLES),
                List.of(),
                new SteppedWeights(weights, out, sent));
        return out;
    }

    /** Rounds to bfloat16. */
    @Benchmark
    public MemorySegment encodeBf16() {
        Bf16.encode(left, halves);
        return halves;
    }

    /** Widens bfloat16. */
    @Benchmark
    public MemorySegment decodeBf16() {
        Bf16.decode(halves, out);
        return out;
    }
}
