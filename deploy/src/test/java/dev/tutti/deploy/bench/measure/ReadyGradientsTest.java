package dev.tutti.deploy.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.data.Targets;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.compute.VectorPool;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.drawn.Synthetic;
import dev.tutti.worker.data.source.DataOptions;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadyGradientsTest {
    @Test
    void aVectorIsWrittenOnceAndItsTotalsAreThePlans() {
        try (var arena = Arena.ofConfined()) {
            var data =
                    new Synthetic()
                            .open(DataOptions.of("synthetic(16,1,2)", Targets.Kind.LABELS), arena);
            var spec =
                    new RunSpec(
                            "embedding(5,1)",
                            "mse",
                            Shape.of(1),
                            1,
                            1,
                            4,
                            true,
                            2,
                            0,
                            0,
                            "drawn",
                            "",
                            0,
                            8,
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
            var model = spec.buildModel();
            var gradients =
                    new ReadyGradients(
                            arena,
                            spec,
                            data,
                            model,
                            new PlainKernel(),
                            new VectorPool(arena, model.vectorLength()));
            var out = Floats.allocate(arena, model.vectorLength());
            var elements = Elements.of(out);
            var lease = new Lease(new Work.Train(3), new ShardRange(1, 2), 0, new WorkerId(0));

            var totals =
                    gradients.train(lease, elements, List.of(), elements, SubtreeSum.Progress.NONE);
            var first = Floats.get(out, 4);
            Floats.set(out, 4, 7);
            gradients.train(lease, elements, List.of(), elements, SubtreeSum.Progress.NONE);

            assertThat(first).isNotZero().isFinite();
            assertThat(Floats.get(out, 4)).isEqualTo(7);
            var plan = new SamplePlan(spec, data);
            var slice = plan.slice(lease.work(), lease.shards());
            assertThat(totals.samples()).isEqualTo(slice.count());
            assertThat(totals.sampleHash()).isEqualTo(slice.hash());
        }
    }
}
