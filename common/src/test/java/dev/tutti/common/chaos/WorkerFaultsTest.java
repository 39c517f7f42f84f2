package dev.tutti.common.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.chaos.FaultSource.RunSize;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When the faults strike that a worker process carries out in itself. */
class WorkerFaultsTest {
    private final List<StruckFault> struck = new ArrayList<>();

    @Test
    void aFaultStrikesOnceInItsStepOrTheFirstOneAfter() {
        var faults = faults("nan(worker=0,step=5)");
        assertThat(faults.poisons(step(4))).isFalse();
        assertThat(faults.poisons(step(7))).isTrue();
        assertThat(faults.poisons(step(7))).isFalse();
        assertThat(struck).containsExactly(new StruckFault(7, "nan(worker=0,step=5)"));
    }

    @Test
    void aBitFlipsOnce() {
        var faults = faults("flip-bit(worker=0,step=5)");
        assertThat(faults.flips(step(4))).isFalse();
        assertThat(faults.flips(step(5))).isTrue();
        assertThat(faults.flips(step(5))).isFalse();
        assertThat(struck).containsExactly(new StruckFault(5, "flip-bit(worker=0,step=5)"));
    }

    /** Found by two workers, a NaN would be a computation that is never right. */
    @Test
    void whatIsComputedAgainGetsNoNan() {
        var faults = faults("nan(worker=0,step=5),corrupt(worker=0,step=5)");
        var again = new Lease(new Work.Train(4), new ShardRange(0, 1), 1, new WorkerId(0));
        assertThat(faults.poisons(again)).isFalse();
        assertThat(struck).isEmpty();
        assertThat(faults.onTheWay(again)).contains(new SendFault.Corrupt(0, 5));
    }

    @Test
    void aChunkHasOneFaultAtATime() {
        var faults = faults("duplicate(worker=0,step=5),drop-link(worker=0,step=5)");
        assertThat(faults.onTheWay(step(5))).contains(new SendFault.Duplicate(0, 5));
        assertThat(faults.onTheWay(step(5))).contains(new SendFault.DropLink(0, 5));
        assertThat(faults.onTheWay(step(5))).isEmpty();
    }

    @Test
    void aSlowWorkerIsItselfAgainAfterSoManySteps() {
        var faults = faults("slow(worker=0,step=5,times=3,steps=2)");
        assertThat(List.of(4L, 5L, 6L, 7L))
                .map(step -> faults.slowness(step(step)))
                .containsExactly(1.0, 3.0, 3.0, 1.0);
        assertThat(struck).hasSize(1);
    }

    private WorkerFaults faults(String text) {
        return new WorkerFaults(FaultPlan.of(text, new RunSize(1, 100)), struck::add);
    }

    private static Lease step(long step) {
        return new Lease(new Work.Train(step - 1), new ShardRange(0, 1), 0, new WorkerId(0));
    }
}
