package dev.tutti.deploy.bench;

import dev.tutti.common.data.Features;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.Transpose;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.SteppedWeights;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Bf16;
import dev.tutti.common.vector.FloatMath;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What {@code tutti bench kernels} measures: products of a dense layer, and passes over vectors.
 */
final class KernelsBenchSubjects {
    /** Samples, outputs and inputs of dense layers. */
    private static final List<List<Integer>> LAYERS =
            List.of(
                    List.of(128, 2048, 2048),
                    List.of(128, 1024, 1024),
                    List.of(64, 512, 784),
                    List.of(32, 128, 784),
                    List.of(128, 10, 2048));

    private static final int PASS_FLOATS = 1 << 20;

    private KernelsBenchSubjects() {}

    static List<KernelsBench.Subject> products(Arena arena, Kernel kernel) {
        var subjects = new ArrayList<KernelsBench.Subject>();
        for (var layer : LAYERS) {
            var samples = layer.get(0);
            var outputs = layer.get(1);
            var inputs = layer.get(2);
            var in = random(arena, samples * inputs);
            var weight = random(arena, outputs * inputs);
            var delta = random(arena, samples * outputs);
            subjects.add(
                    product(
                            kernel,
                            "forward",
                            false,
                            true,
                            samples,
                            outputs,
                            inputs,
                            in,
                            weight,
                            Floats.allocate(arena, (long) samples * outputs)));
            subjects.add(
                    product(
                            kernel,
                            "weights",
                            true,
                            false,
                            outputs,
                            inputs,
                            samples,
                            delta,
                            in,
                            Floats.allocate(arena, (long) outputs * inputs)));
            subjects.add(
                    product(
                            kernel,
                            "inputs",
                            false,
                            false,
                            samples,
                            inputs,
                            outputs,
                            delta,
                            weight,
                            Floats.allocate(arena, (long) samples * inputs)));
        }
        return subjects;
    }

    private static KernelsBench.Subject product(
            Kernel kernel,
            String what,
            boolean transposesA,
            boolean transposesB,
            int rows,
            int columns,
            int inner,
            MemorySegment a,
            MemorySegment b,
            MemorySegment out) {
        var transposeA = transposesA ? Transpose.YES : Transpose.NO;
        var transposeB = transposesB ? Transpose.YES : Transpose.NO;
        return new KernelsBench.Subject(
                "%-8s %d×%d over %d".formatted(what, rows, columns, inner),
                2.0 * rows * columns * inner,
                0,
                () -> kernel.multiply(transposeA, transposeB, rows, columns, inner, a, b, 0f, out));
    }

    static List<KernelsBench.Subject> passes(Arena arena) {
        var x = random(arena, PASS_FLOATS);
        var y = random(arena, PASS_FLOATS);
        var out = Floats.allocate(arena, PASS_FLOATS);
        var half = arena.allocate((long) PASS_FLOATS * Bf16.BYTES, Floats.ALIGNMENT_BYTES);
        Bf16.encode(x, half);
        var subjects = new ArrayList<KernelsBench.Subject>();
        subjects.add(pass("copy", 8, () -> Floats.copy(x, out)));
        subjects.add(pass("add two vectors", 12, () -> Floats.add(x, y, out)));
        subjects.add(pass("relu", 8, () -> Floats.positivePart(x, out)));
        subjects.add(pass("relu, backward", 12, () -> Floats.keepWherePositive(x, y, out)));
        subjects.add(pass("exp", 8, () -> FloatMath.exp(x, out)));
        subjects.add(pass("tanh", 8, () -> FloatMath.tanh(x, out)));
        subjects.add(pass("erf", 8, () -> FloatMath.erf(x, out)));
        subjects.add(pass("bf16 encode", 6, () -> Bf16.encode(x, half)));
        subjects.add(pass("bf16 decode", 6, () -> Bf16.decode(half, out)));
        subjects.add(gather(arena, out));
        for (var optimizer : List.of("sgd(0.001)", "sgd(0.001,momentum=0.9)", "adam")) {
            subjects.add(step(arena, optimizer, x, y));
        }
        return subjects;
    }

    private static KernelsBench.Subject gather(Arena arena, MemorySegment out) {
        var width = 784;
        var rows = IntStream.range(0, PASS_FLOATS / width).toArray();
        Seeds.of(1, "rows").shuffle(rows);
        var images = new Features.Bytes(arena.allocate((long) rows.length * width));
        return new KernelsBench.Subject(
                "gather rows of bytes",
                (double) rows.length * width,
                5.0 * rows.length * width,
                () -> images.gather(rows, 0, rows.length, width, out));
    }

    /** Two partial sums added, divided and applied, as the coordinator does with a chunk. */
    private static KernelsBench.Subject step(
            Arena arena, String optimizer, MemorySegment left, MemorySegment right) {
        var rule = UpdateRule.of(Optimizers.CATALOGUE.parse(optimizer));
        var slots = new ArrayList<MemorySegment>();
        for (var i = 0; i < rule.optimizer().slotCount(); i++) {
            slots.add(Floats.allocate(arena, PASS_FLOATS));
        }
        var weights = Floats.allocate(arena, PASS_FLOATS);
        var sum = GradientSum.of(left, right, 128);
        return pass(
                "add, divide, step: " + optimizer,
                16 + 8 * slots.size(),
                () -> rule.applyTo(0, PASS_FLOATS, 0, sum, slots, SteppedWeights.inPlace(weights)));
    }

    private static KernelsBench.Subject pass(String name, int bytes, Runnable work) {
        return new KernelsBench.Subject(name, PASS_FLOATS, (double) bytes * PASS_FLOATS, work);
    }

    private static MemorySegment random(Arena arena, int count) {
        var random = Seeds.of(1, "bench", count);
        var vector = Floats.allocate(arena, count);
        for (long i = 0; i < count; i++) {
            Floats.set(vector, i, (float) (random.nextDouble() - 0.5));
        }
        return vector;
    }
}
