package dev.tutti.common.step.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.attack.LabelFlip;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A faulty shard with exchanged labels computes what an honest one does of such samples. */
class FaultyLabelsTest {
    private static final int SHARDS = 5;
    private static final int FAULTY = 2;

    private final Arena arena = Arena.ofAuto();

    @Test
    void faultyShardsLearnFromExchangedLabelsAlone() {
        var scenario =
                Scenario.standard()
                        .with(Scenario.spec(16, SHARDS))
                        .with(new Scenario.Averages("mean", "none", "label-flip", FAULTY));
        for (var shard = 0; shard < SHARDS; shard++) {
            var found = computed(scenario, shard);
            var isFaulty = shard >= SHARDS - FAULTY;
            assertThat(found.mismatch(byHand(scenario, shard, isFaulty)))
                    .as("shard %d", shard)
                    .isEqualTo(-1);
            assertThat(found.mismatch(byHand(scenario, shard, !isFaulty)))
                    .as("shard %d with the other labels", shard)
                    .isNotEqualTo(-1);
        }
    }

    @Test
    void aTargetWithAnOutputForEachClassIsExchangedToo() {
        var rows = Floats.of(arena, 0, 1, 0, 0, 0, 0, 0, 1);
        Labels.change(new LabelFlip(), 4, 4, rows);
        assertThat(Floats.toArray(rows)).containsExactly(0, 0, 1, 0, 1, 0, 0, 0);
    }

    private MemorySegment computed(Scenario scenario, int shard) {
        var model = scenario.spec().buildModel();
        var out = Floats.allocate(arena, model.vectorLength());
        new ShardComputer(
                        arena,
                        scenario.spec(),
                        Scenario.DATA,
                        model,
                        new PlainKernel(),
                        new VectorPool(arena, model.vectorLength()))
                .train(
                        new Lease(
                                new Work.Train(1),
                                new ShardRange(shard, shard + 1),
                                0,
                                new WorkerId(0)),
                        Elements.of(weights(scenario)),
                        List.of(),
                        Elements.of(out),
                        SubtreeSum.Progress.NONE);
        return out;
    }

    private MemorySegment byHand(Scenario scenario, int shard, boolean exchanges) {
        var spec = scenario.spec();
        var model = spec.buildModel();
        var loss = Losses.CATALOGUE.parse(spec.loss());
        var workspace = new Workspace(arena, model, loss, spec.batch());
        var slice =
                new SamplePlan(spec, Scenario.DATA)
                        .slice(new Work.Train(1), new ShardRange(shard, shard + 1));
        slice.gather(Scenario.DATA, loss, Scenario.CLASSES, workspace);
        for (var row = 0; exchanges && row < slice.count(); row++) {
            Floats.set(workspace.targets(), row, 2 - Floats.get(workspace.targets(), row));
        }
        var out = Floats.allocate(arena, model.vectorLength());
        model.lossAndGradient(
                new PlainKernel(),
                loss,
                weights(scenario),
                workspace,
                slice.count(),
                PassContext.EVALUATION,
                out);
        return out;
    }

    private MemorySegment weights(Scenario scenario) {
        var model = scenario.spec().buildModel();
        var weights = Floats.allocate(arena, model.vectorLength());
        model.initialize(Initializers.CATALOGUE.parse("he-normal"), 11, weights);
        return weights;
    }
}
