package dev.tutti.common.step.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.ChunkSums;
import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.StepLens;
import dev.tutti.common.average.StepSum;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.observe.Microscope;
import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The noise scale of a linear model, whose covariance is known. With inputs x and noise ε that are
 * normal, y = ε, and weights Δ, a sample's gradient is x(xᵀΔ − ε): its mean is Δ, and the trace of
 * its covariance is (d + 1)‖Δ‖² + dσ². So the noise scale is d + 1 + dσ²/‖Δ‖².
 */
class NoiseScaleTest {
    private static final int SEED = 7;
    private static final int INPUTS = 6;
    private static final int SAMPLES = 32_768;
    private static final double NOISE = 2;
    private static final double WEIGHT = 0.5;

    /** The loss is the mean over outputs of (xᵀΔ − ε)²: twice the gradient, the same scale. */
    @ParameterizedTest
    @CsvSource({"64, 8", "64, 64", "128, 5", "2048, 16"})
    void isWithinTenPercentOfTheAnalyticValue(int batch, int shards) {
        var arena = Arena.ofAuto();
        var data = data(arena);
        var spec = spec(batch, shards);
        var model = spec.buildModel();
        var plan = new SamplePlan(spec, data);
        var observing = new Observing(1, List.of(), 0, 0);
        var chunks = new Chunks(model.vectorLength(), 3);
        var lens =
                new StepLens(
                        arena,
                        observing,
                        Microscope.of(spec.averaging(), observing, plan.trainingSamples()),
                        chunks,
                        0,
                        (_, _) -> {});
        var computer =
                new ShardComputer(
                        arena,
                        spec,
                        data,
                        model,
                        new PlainKernel(),
                        new VectorPool(arena, model.vectorLength()));
        var weights = Floats.allocate(arena, model.vectorLength());
        Floats.fill((float) WEIGHT, Floats.slice(weights, 0, INPUTS));
        var variance = 0.0;
        var squaredNorm = 0.0;
        for (var step = 0L; step < SAMPLES / batch; step++) {
            var at = step;
            var counts = new int[shards];
            var sum =
                    new StepSum(
                            arena,
                            new ShardTree(shards),
                            chunks,
                            spec.averaging(),
                            shard -> counts[shard],
                            () -> at,
                            lens,
                            ChunkSums.of(chunks, Floats.allocate(arena, model.vectorLength())));
            sum.begin(new ShardTree(shards).root());
            for (var shard = 0; shard < shards; shard++) {
                var node = new ShardRange(shard, shard + 1);
                var gradient = Floats.allocate(arena, model.vectorLength());
                counts[shard] =
                        computer.train(
                                        new Lease(new Work.Train(step), node, 0, new WorkerId(0)),
                                        Elements.of(weights),
                                        List.of(),
                                        Elements.of(gradient),
                                        SubtreeSum.Progress.NONE)
                                .samples();
                for (var chunk = 0; chunk < chunks.count(); chunk++) {
                    sum.put(
                            node,
                            chunk,
                            Payload.of(
                                    Floats.slice(
                                            gradient, chunks.offset(chunk), chunks.size(chunk))));
                }
            }
            assertThat(sum.settle()).isEqualTo(StepSum.Outcome.REDUCED);
            var seen = lens.take(step, shard -> shard).orElseThrow().seen().orElseThrow().whole();
            variance += seen.variance();
            squaredNorm += seen.squaredNorm();
        }
        // Δ has no bias of its own: the gradient of the bias is noise, of variance ‖Δ‖² + σ².
        var squared = INPUTS * WEIGHT * WEIGHT;
        var noise = NOISE * NOISE;
        var expected = ((INPUTS + 1) * squared + INPUTS * noise + squared + noise) / squared;
        assertThat(variance / squaredNorm)
                .as("seed %d", SEED)
                .isCloseTo(expected, within(0.1 * expected));
    }

    private static RunSpec spec(int batch, int shards) {
        return new RunSpec(
                "dense(1)",
                "mse",
                Shape.of(INPUTS),
                1,
                SEED,
                batch,
                true,
                shards,
                0,
                0,
                "linear",
                "",
                0,
                Chunks.DEFAULT_FLOATS,
                Roundings.NONE,
                "mean",
                "none",
                "none",
                0,
                "synchronous",
                RunSpec.NO_CLOCK,
                "iid",
                "fp32",
                "fp32");
    }

    private static Dataset data(Arena arena) {
        var random = Seeds.of(SEED, "linear");
        var features = Floats.allocate(arena, (long) SAMPLES * INPUTS);
        for (var i = 0L; i < Floats.count(features); i++) {
            Floats.set(features, i, (float) random.nextGaussian());
        }
        var targets = Floats.allocate(arena, SAMPLES);
        for (var i = 0; i < SAMPLES; i++) {
            Floats.set(targets, i, (float) (NOISE * random.nextGaussian()));
        }
        return new Dataset(
                "linear",
                Shape.of(INPUTS),
                SAMPLES,
                0,
                List.of(),
                new Features.Reals(features),
                new Targets.Values(List.of("y"), targets));
    }
}
