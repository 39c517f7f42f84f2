package dev.tutti.worker.kernel;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.kernel.Transpose;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
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

/** The three products of a dense layer, with the kernel that a worker chooses. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SgemmBenchmark {
    /** Samples, outputs and inputs. */
    @Param({"64x128x784", "128x512x784", "128x2048x2048"})
    private String layer = "";

    private Kernel kernel = new PlainKernel();
    private int samples;
    private int outputs;
    private int inputs;
    private MemorySegment in = Floats.NONE; // samples × inputs
    private MemorySegment weight = Floats.NONE; // outputs × inputs
    private MemorySegment delta = Floats.NONE; // samples × outputs
    private MemorySegment out = Floats.NONE; // the largest of the three

    /** Draws the matrices and unpacks the library. */
    @Setup
    public void prepare() throws IOException {
        kernel = new NativeKernels(Files.createTempDirectory("tutti-jmh-")).best();
        var sizes = layer.split("x", -1);
        samples = Integer.parseInt(sizes[0]);
        outputs = Integer.parseInt(sizes[1]);
        inputs = Integer.parseInt(sizes[2]);
        var arena = Arena.ofAuto();
        in = drawn(arena, samples * inputs);
        weight = drawn(arena, outputs * inputs);
        delta = drawn(arena, samples * outputs);
        out = Floats.allocate(arena, (long) Math.max(samples, outputs) * Math.max(inputs, outputs));
    }

    private static MemorySegment drawn(Arena arena, int count) {
        var random = Seeds.of(1, "jmh", count);
        var vector = Floats.allocate(arena, count);
        for (long i = 0; i < count; i++) {
            Floats.set(vector, i, (float) (random.nextDouble() - 0.5));
        }
        return vector;
    }

    /** The layer's outputs. */
    @Benchmark
    public MemorySegment forward() {
        return multiply(Transpose.NO, Transpose.YES, samples, outputs, inputs, in, weight);
    }

    /** The gradient of its weights. */
    @Benchmark
    public MemorySegment weights() {
        return multiply(Transpose.YES, Transpose.NO, outputs, inputs, samples, delta, in);
    }

    /** The gradient of its inputs. */
    @Benchmark
    public MemorySegment inputs() {
        return multiply(Transpose.NO, Transpose.NO, samples, inputs, outputs, delta, weight);
    }

    private MemorySegment multiply(
            Transpose transposeA,
            Transpose transposeB,
            int rows,
            int columns,
            int inner,
            MemorySegment a,
            MemorySegment b) {
        var product = Floats.slice(out, 0, (long) rows * columns);
        kernel.multiply(transposeA, transposeB, rows, columns, inner, a, b, 0f, product);
        return product;
    }
}
