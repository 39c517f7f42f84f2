package dev.tutti.deploy.simulate;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.Sgd;
import dev.tutti.common.optim.SteppedWeights;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.step.compute.VectorCode;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.deploy.bench.measure.BenchRounds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The run whose steps are predicted, and what its parts cost on this machine, in one thread's
 * processor time.
 *
 * @param spec its model and its compressor
 * @param batch samples of each worker and step
 */
public record Subject(RunSpec spec, int batch) {
    private static final int ROUNDS = 11;
    private static final int INTAKE_FLOATS = 1 << 20;

    /**
     * Returns a model over images of 28 × 28 in 10 classes.
     *
     * @param model layers as text
     * @param compress as text
     * @param batch samples of each worker and step
     * @throws IllegalArgumentException if a text is none
     */
    public static Subject of(String model, String compress, int batch) {
        return new Subject(
                PlainSpec.of(
                        model,
                        "softmax-cross-entropy",
                        Shape.of(28 * 28),
                        10,
                        batch,
                        1,
                        Chunks.DEFAULT_FLOATS,
                        compress),
                batch);
    }

    /** Returns the floats of its vector. */
    public long floats() {
        return spec.buildModel().vectorLength();
    }

    /** Tells whether its compressor keeps something with a worker, which a relay cannot. */
    public boolean keepsState() {
        return code(spec.buildModel()).map(code -> code.stateBytes() > 0).orElse(false);
    }

    private Optional<VectorCode> code(Model model) {
        return VectorCode.ofGradients(spec, model);
    }

    /** Measures how long one worker computes its share of a step. */
    public long computeNanos(Kernel kernel) {
        try (var arena = Arena.ofConfined()) {
            var model = spec.buildModel();
            var loss = Losses.CATALOGUE.parse(spec.loss());
            var workspace = new Workspace(arena, model, loss, batch);
            var weights = Floats.allocate(arena, model.vectorLength());
            var gradient = Floats.allocate(arena, model.vectorLength());
            model.initialize(Initializers.CATALOGUE.parse("he-normal"), 1, weights);
            fill(workspace.features());
            return Math.round(
                    BenchRounds.medianNanos(
                            ROUNDS,
                            () ->
                                    model.lossAndGradient(
                                            kernel,
                                            loss,
                                            weights,
                                            workspace,
                                            batch,
                                            PassContext.EVALUATION,
                                            gradient)));
        }
    }

    /** Measures what happens to a float that arrives: checked, copied, added, divided, stepped. */
    public static double intakeNanosPerFloat() {
        try (var arena = Arena.ofConfined()) {
            var arrived = Floats.allocate(arena, INTAKE_FLOATS);
            var copy = Floats.allocate(arena, INTAKE_FLOATS);
            var weights = Floats.allocate(arena, INTAKE_FLOATS);
            var rule = UpdateRule.of(new Sgd(1e-3, 0, false, 0));
            var sum = GradientSum.of(arrived, copy, 128);
            var checksum = new CRC32C();
            return BenchRounds.medianNanos(
                            ROUNDS,
                            () -> {
                                checksum.update(arrived.asByteBuffer());
                                Floats.copy(arrived, copy);
                                rule.applyTo(
                                        0,
                                        INTAKE_FLOATS,
                                        0,
                                        sum,
                                        List.of(),
                                        SteppedWeights.inPlace(weights));
                            })
                    / INTAKE_FLOATS;
        }
    }

    /** Compresses a drawn gradient, and measures how long that and the way back take. */
    public Optional<Costs.CodeCosts> codeCosts() {
        var model = spec.buildModel();
        return code(model)
                .map(code -> {
                    try (var arena = Arena.ofConfined()) {
                        var drawn = Floats.allocate(arena, model.vectorLength());
                        var gradient = Floats.allocate(arena, model.vectorLength());
                        fill(drawn);
                        var bytes = code.encode(0, 0, copy(drawn, gradient), code.zero()).code();
                        var encode =
                                BenchRounds.medianNanos(
                                        ROUNDS,
                                        () ->
                                                code.encode(
                                                        0, 0, copy(drawn, gradient), code.zero()));
                        var decode =
                                BenchRounds.medianNanos(
                                        ROUNDS,
                                        () -> code.decode(0, 0, bytes, code.zero(), gradient));
                        return new Costs.CodeCosts(
                                bytes.length, Math.round(encode), Math.round(decode));
                    }
                });
    }

    private static MemorySegment copy(MemorySegment from, MemorySegment out) {
        Floats.copy(from, out);
        return out;
    }

    private static void fill(MemorySegment out) {
        var random = Seeds.of(1, "simulate");
        for (long i = 0; i < Floats.count(out); i++) {
            Floats.set(out, i, (float) (random.nextDouble() - 0.5));
        }
    }
}
